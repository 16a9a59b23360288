/* SPDX-License-Identifier: MIT */
#include "ui/view.h"

const struct view_ops *const views[] = {
    &view_overview, &view_endpoints, &view_failures, &view_latency,
    &view_log,      &view_target,    &view_help,     NULL};
