/* SPDX-License-Identifier: MIT */
#include "ui/view.h"

const struct view_ops *view_shown(const struct view_state *v)
{
    return v->view != NULL ? v->view : views[0];
}

size_t view_place(const struct view_ops *view)
{
    size_t i = 0;
    while (views[i] != NULL && views[i] != view)
        i++;
    return i;
}

size_t view_count(void)
{
    return view_place(NULL);
}

const char *view_filter(const struct view_state *v)
{
    return v->filter[view_shown(v)->list];
}

uint32_t view_step(uint32_t users_wanted)
{
    uint32_t step = 1;
    while (step < 1000000 && users_wanted / step >= 100)
        step *= 10;
    return step;
}
