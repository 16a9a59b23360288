/* SPDX-License-Identifier: MIT */
/* store.h - what the demo target remembers: collections of items.
 *
 * An item is an id and the members of a JSON object, as they were posted.  Items that are
 * jobs have a time from when they run and one from when they are done; their "status" is
 * made of those.  Bounded: the oldest item goes when there are more than `max`; an item is
 * at most STORE_ITEM_BYTES long and has at most STORE_ITEM_MEMBERS members.
 *
 * Time is a parameter.  One thread. */
#ifndef RAMPTOP_DEMO_STORE_H
#define RAMPTOP_DEMO_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/table.h"

#define STORE_ITEM_BYTES 16384u
#define STORE_ITEM_MEMBERS 256u
#define STORE_ID_BYTES 200u

enum id_kind { ID_INTEGER, ID_UUID, ID_HEX, ID_TEXT /* given by the client */ };
enum job_state { JOB_QUEUED, JOB_RUNNING, JOB_DONE, JOB_STATES };

struct item {
    struct table_entry entry;  /* key: the id */
    char *members;             /* `"name": "x", "marks": 3`; "" for none */
    uint64_t runs_ns, done_ns; /* a job; else 0 */
};

struct collection {
    struct table items;
    enum id_kind ids;
    uint64_t next;                  /* integer ids */
    const char *id_name;            /* "id"; borrowed, as are: */
    const char *states[JOB_STATES]; /* NULL: no jobs */
    uint64_t created, dropped;      /* counted, never reset; the seeded ones are not */
    uint64_t known[2], unknown[2];  /* reads and writes of ids that were or were not there */
};

enum { STORE_READ, STORE_WRITE };

void store_init(struct collection *c, enum id_kind ids, const char *id_name, size_t max,
                const char *const states[JOB_STATES]);
void store_finish(struct collection *c);

/* A new item.  id: NULL, or for ID_TEXT what it is called; one that is there is replaced. */
struct item *store_create(struct collection *c, const char *id, size_t len);
/* NULL if there is none; counted as a read or write. */
struct item *store_find(struct collection *c, const char *id, size_t len, int what);
void store_delete(struct collection *c, struct item *i);

/* Lays a JSON object's members over the item's; id is never taken, nor a job's status.
 * False, and nothing changed, when it is no JSON object or the item would be too long. */
bool store_merge(struct collection *c, struct item *i, const char *json, size_t len);

/* {"id": 7, "name": "x"} */
void store_write(const struct collection *c, const struct item *i, uint64_t t_ns, struct buf *out);
/* [{...}, ...]: the newest first, behind the first `skip` */
void store_list(const struct collection *c, size_t skip, size_t limit, uint64_t t_ns,
                struct buf *out);

/* ------------------------------------------------------------- JSON objects */

struct member {
    const char *name, *value; /* the name between its quotes, as it is written */
    size_t name_len, value_len;
};

/* Calls back for each member; false when the text is no JSON object.  Values are checked
 * as far as jsonscan.h does, numbers and words wholly. */
bool members_each(const char *json, size_t len, void (*each)(const struct member *m, void *arg),
                  void *arg);

#endif
