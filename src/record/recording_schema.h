/* SPDX-License-Identifier: MIT */
/* recording_schema.h - the tables and views of a recording, as SQL; see ramptop-recording(5).
 * Immutable. */
#ifndef RAMPTOP_RECORD_RECORDING_SCHEMA_H
#define RAMPTOP_RECORD_RECORDING_SCHEMA_H

extern const char recording_schema[];

#endif
