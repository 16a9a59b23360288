/* SPDX-License-Identifier: MIT */
#include "src/demo/site.h"

#include <string.h>

static void add_header(struct buf *head, const char *name, const char *value)
{
    buf_add(head, name, strlen(name) + 1);
    buf_add(head, value, strlen(value) + 1);
}

void answer_header(struct answer *a, const char *name, const char *value)
{
    add_header(&a->head, name, value);
}

void page_header(struct page *p, const char *name, const char *value)
{
    add_header(&p->head, name, value);
}

void page_finish(struct page *p)
{
    buf_finish(&p->head);
    buf_finish(&p->body);
}
