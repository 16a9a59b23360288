/* SPDX-License-Identifier: MIT */
/* Stands in for demo_run.c where there is no demo target. */
#include <stddef.h>

#include "src/cli/demo_run.h"

const struct demo_ops *const demo_ops = NULL;
