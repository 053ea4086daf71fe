/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/monitor/exposition.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/utf8.h"

/* ---- names ------------------------------------------------------------- */

static bool may_stand_in_name(char c)
{
	return eii_is_ascii_alpha(c) || eii_is_ascii_digit(c) || c == '_' || c == ':';
}

char *eii_exposition_prefix(const char *name_space, const char *subsystem)
{
	char *prefix = eii_asprintf("%s%s%s%s", name_space, *name_space ? "_" : "", subsystem,
				    *subsystem ? "_" : "");
	char *safe;

	for (char *p = prefix; *p; p++) {
		if (!may_stand_in_name(*p))
			*p = '_';
	}
	if (!eii_is_ascii_digit(prefix[0]))
		return prefix;
	safe = eii_asprintf("_%s", prefix);
	free(prefix);
	return safe;
}

static void add_family(struct eii_exposition *e, enum eii_metric_type type, const char *help)
{
	static const char *const types[] = {
		[EII_METRIC_COUNTER] = "counter",
		[EII_METRIC_GAUGE] = "gauge",
		[EII_METRIC_HISTOGRAM] = "histogram",
	};

	eii_buf_addf(e->out, "# HELP %s %s\n", e->name, help);
	eii_buf_addf(e->out, "# TYPE %s %s\n", e->name, types[type]);
}

void eii_exposition_family(struct eii_exposition *e, const char *name, enum eii_metric_type type,
			   const char *help)
{
	(void)snprintf(e->name, sizeof(e->name), "%s%s", e->prefix, name);
	add_family(e, type, help);
}

void eii_exposition_bare_family(struct eii_exposition *e, const char *name,
				enum eii_metric_type type, const char *help)
{
	(void)snprintf(e->name, sizeof(e->name), "%s", name);
	add_family(e, type, help);
}

/* ---- samples ----------------------------------------------------------- */

/* Prometheus drops a whole scrape for one byte that is not UTF-8. */
static void add_value(struct eii_buf *out, const char *value)
{
	size_t left = strlen(value), n;
	uint32_t code_point;

	for (const char *p = value; left; p += n, left -= n) {
		n = eii_utf8_decode(p, left, &code_point);
		if (*p == '\n')
			eii_buf_add_str(out, "\\n");
		else if (*p == '\\' || *p == '"')
			eii_buf_addf(out, "\\%c", *p);
		else if (n)
			eii_buf_add(out, p, n);
		else
			eii_buf_add_char(out, '?');
		n = n ? n : 1;
	}
}

static void begin_sample(struct eii_exposition *e, const char *suffix,
			 const struct eii_label *labels, size_t n_labels)
{
	eii_buf_add_str(e->out, e->name);
	eii_buf_add_str(e->out, suffix);
	for (size_t i = 0; i < n_labels; i++) {
		eii_buf_addf(e->out, "%c%s=\"", i ? ',' : '{', labels[i].name);
		add_value(e->out, labels[i].value);
		eii_buf_add_char(e->out, '"');
	}
	eii_buf_add_str(e->out, n_labels ? "} " : " ");
}

void eii_exposition_u64(struct eii_exposition *e, const struct eii_label *labels, size_t n_labels,
			uint64_t value)
{
	begin_sample(e, "", labels, n_labels);
	eii_buf_addf(e->out, "%" PRIu64 "\n", value);
}

void eii_exposition_i64(struct eii_exposition *e, const struct eii_label *labels, size_t n_labels,
			int64_t value)
{
	begin_sample(e, "", labels, n_labels);
	eii_buf_addf(e->out, "%" PRId64 "\n", value);
}

/* "1.5": neither zeros at the end nor a point before nothing. */
static void format_milli(char *out, size_t capacity, uint64_t milli)
{
	int len =
		snprintf(out, capacity, "%" PRIu64 ".%03u", milli / 1000, (unsigned)(milli % 1000));

	while (out[len - 1] == '0')
		len--;
	if (out[len - 1] == '.')
		len--;
	out[len] = '\0';
}

void eii_exposition_milli(struct eii_exposition *e, const char *suffix,
			  const struct eii_label *labels, size_t n_labels, uint64_t milli)
{
	char number[32];

	begin_sample(e, suffix, labels, n_labels);
	format_milli(number, sizeof(number), milli);
	eii_buf_addf(e->out, "%s\n", number);
}

void eii_exposition_histogram(struct eii_exposition *e, const uint32_t *bounds_ms, size_t n,
			      const uint64_t *counts, uint64_t sum_ms)
{
	uint64_t total = 0;
	char bound[32];

	for (size_t i = 0; i <= n; i++) {
		struct eii_label le = { "le", "+Inf" };

		total += counts[i];
		if (i < n) {
			format_milli(bound, sizeof(bound), bounds_ms[i]);
			le.value = bound;
		}
		begin_sample(e, "_bucket", &le, 1);
		eii_buf_addf(e->out, "%" PRIu64 "\n", total);
	}
	eii_exposition_milli(e, "_sum", NULL, 0, sum_ms);
	begin_sample(e, "_count", NULL, 0);
	eii_buf_addf(e->out, "%" PRIu64 "\n", total);
}
