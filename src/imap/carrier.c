/* SPDX-License-Identifier: Apache-2.0 */
#include "carrier.h"

#include <errno.h>

#include <mailutils/errno.h>
#include <mailutils/error.h>
#include <mailutils/stream.h>
#include <mailutils/sys/stream.h>

#include "eii/net/stream.h"

struct carrier {
	struct _mu_stream base; /* first: the library sees nothing else */
	struct eii_stream *stream;
	enum eii_rc rc; /* of the failure, with its words */
	struct eii_error error;
};

static struct carrier *carrier_of(struct _mu_stream *base)
{
	return (struct carrier *)(void *)base;
}

/* The library's codes; ours are kept beside it. */
static int code_of(struct carrier *carrier, enum eii_rc rc)
{
	carrier->rc = rc;
	if (!rc)
		return 0;
	if (carrier->error.kind == EII_ERROR_STOPPED)
		return ECANCELED;
	return rc == EII_FATAL ? MU_ERR_TLS : ECONNRESET;
}

static int carrier_read(struct _mu_stream *base, char *data, size_t capacity, size_t *out_len)
{
	struct carrier *carrier = carrier_of(base);

	return code_of(carrier,
		       eii_stream_read(carrier->stream, data, capacity, out_len, &carrier->error));
}

static int carrier_write(struct _mu_stream *base, const char *data, size_t len, size_t *out_len)
{
	struct carrier *carrier = carrier_of(base);

	*out_len = len;
	return code_of(carrier, eii_stream_write(carrier->stream, data, len, &carrier->error));
}

static int carrier_flush(struct _mu_stream *base)
{
	struct carrier *carrier = carrier_of(base);

	return code_of(carrier, eii_stream_flush(carrier->stream, &carrier->error));
}

static const char *carrier_error_string(struct _mu_stream *base, int code)
{
	struct carrier *carrier = carrier_of(base);

	return carrier->rc ? carrier->error.text : mu_strerror(code);
}

mu_stream_t eii_carrier_new(struct eii_stream *stream)
{
	struct _mu_stream *base = _mu_stream_create(sizeof(struct carrier), MU_STREAM_RDWR);

	if (!base)
		return NULL;
	base->read = carrier_read;
	base->write = carrier_write;
	base->flush = carrier_flush;
	base->error_string = carrier_error_string;
	carrier_of(base)->stream = stream;
	if (mu_stream_open(base)) {
		mu_stream_destroy(&base);
		return NULL;
	}
	return base;
}

enum eii_rc eii_carrier_fail(mu_stream_t carrier, int code, struct eii_error *err)
{
	struct carrier *own = carrier_of(carrier);

	if (!own->rc)
		return eii_fail(err, EII_RETRY, "%s: %s", eii_stream_where(own->stream),
				mu_strerror(code));
	if (err)
		*err = own->error;
	return own->rc;
}
