/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prometheus' text format, version 0.0.4: families of HELP, TYPE and samples.
 * Names get the operator's prefix; label values may hold any UTF-8.
 */
#ifndef EII_MONITOR_EXPOSITION_H
#define EII_MONITOR_EXPOSITION_H

#include <stddef.h>
#include <stdint.h>

#include "eii/base/buf.h"

#define EII_EXPOSITION_TYPE     "text/plain; version=0.0.4; charset=utf-8"
#define EII_EXPOSITION_NAME_MAX 256 /* bytes of a name with its prefix; the rest is cut */

struct eii_exposition {
	struct eii_buf *out;                /* borrowed */
	const char *prefix;                 /* borrowed; "" or what eii_exposition_prefix made */
	char name[EII_EXPOSITION_NAME_MAX]; /* of the family in hand */
};

/*
 * "<namespace>_<subsystem>_" with what is empty left out, as pycti joins them; a
 * byte that no metric's name may have becomes '_'. For the caller to free().
 */
char *eii_exposition_prefix(const char *name_space, const char *subsystem);

enum eii_metric_type { EII_METRIC_COUNTER, EII_METRIC_GAUGE, EII_METRIC_HISTOGRAM };

/* name ends in _total for a counter; help is one line. Its samples follow. */
void eii_exposition_family(struct eii_exposition *e, const char *name, enum eii_metric_type type,
			   const char *help);

/* As it is named everywhere, without the prefix (process_*). */
void eii_exposition_bare_family(struct eii_exposition *e, const char *name,
				enum eii_metric_type type, const char *help);

struct eii_label {
	const char *name;
	const char *value;
};

/* One sample of the family in hand; suffix "_bucket" and the like, "" for none. */
void eii_exposition_u64(struct eii_exposition *e, const struct eii_label *labels, size_t n_labels,
			uint64_t value);
void eii_exposition_i64(struct eii_exposition *e, const struct eii_label *labels, size_t n_labels,
			int64_t value);
/* milli thousandths, written exactly: 1500 is "1.5". */
void eii_exposition_milli(struct eii_exposition *e, const char *suffix,
			  const struct eii_label *labels, size_t n_labels, uint64_t milli);

/*
 * A histogram's samples. bounds_ms ascend; counts are each bucket's own, n + 1
 * of them, the last beyond all bounds. Written in seconds, cumulative.
 */
void eii_exposition_histogram(struct eii_exposition *e, const uint32_t *bounds_ms, size_t n,
			      const uint64_t *counts, uint64_t sum_ms);

#endif
