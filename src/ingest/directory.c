/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/json_writer.h"
#include "eii/base/log.h"
#include "eii/base/sink.h"
#include "eii/base/utf8.h"
#include "eii/codec/lower.h"

#define PREFIX_MAX_BYTES 180 /* a file's name has 255, and the instant takes 45 */
#define NAME_BYTES       256
#define DAY_S            86400
#define PROBE_BYTES      4096
#define NAME_TRIES       100

#define ENDING  ".json"
#define PARTIAL ".tmp" /* behind the ending until the file is whole */

struct eii_directory {
	const struct eii_directory_settings *settings;
	char *prefix;       /* of the files' names */
	char *applicant_id; /* NULL = null */
	int fd;             /* -1 = not open */
	bool is_clean;      /* of what a killed process has left */
	bool has_told;      /* that an old file cannot be removed */
	int64_t last_us;    /* of the last name: none is given twice */
	uint64_t needed_bytes;
};

struct names {
	char final[NAME_BYTES - sizeof(PARTIAL) + 1];
	char partial[NAME_BYTES];
};

/* ---- life -------------------------------------------------------------- */

/* In lower case and without blanks, as pycti has it; a slash would name another directory. */
static char *prefix_of(const char *connector_name)
{
	struct eii_buf buf;
	struct eii_text text;
	char *prefix;

	eii_buf_init(&buf, SIZE_MAX);
	eii_lower(eii_text_of(connector_name), &buf);
	text = eii_buf_text(&buf);
	prefix = eii_asprintf("%.*s-", (int)eii_utf8_cut(text, PREFIX_MAX_BYTES), text.data);
	eii_buf_clear(&buf);
	for (char *c = prefix; *c; c++) {
		if (*c == ' ' || *c == '/')
			*c = '_';
	}
	return prefix;
}

struct eii_directory *eii_directory_new(const struct eii_directory_settings *settings)
{
	struct eii_directory *d = EII_NEW(struct eii_directory);

	d->settings = settings;
	d->prefix = prefix_of(settings->connector_name);
	d->fd = -1;
	d->needed_bytes = PROBE_BYTES;
	return d;
}

static void close_it(struct eii_directory *d)
{
	if (d->fd >= 0)
		(void)close(d->fd);
	d->fd = -1;
}

void eii_directory_free(struct eii_directory *d)
{
	if (!d)
		return;
	close_it(d);
	free(d->prefix);
	free(d->applicant_id);
	free(d);
}

static enum eii_rc fail(const struct eii_directory *d, const char *what, int error,
			struct eii_error *err)
{
	return eii_fail_kind(err, EII_RETRY, EII_ERROR_STORAGE,
			     "CONNECTOR_SEND_TO_DIRECTORY_PATH %s: %s: %s", d->settings->path, what,
			     strerror(error));
}

/* ---- names ------------------------------------------------------------- */

static const char *skip_digits(const char *c, size_t n)
{
	size_t found = strspn(c, "0123456789");

	return found && (!n || found == n) ? c + found : NULL;
}

static const char *skip_char(const char *c, char wanted)
{
	return c && *c == wanted ? c + 1 : NULL;
}

/* PREFIX20260919-082000-1789806000.25 and the ending. */
static bool is_ours(const struct eii_directory *d, const char *name, const char *ending)
{
	size_t len = strlen(d->prefix);
	const char *c = NULL;

	if (strncmp(name, d->prefix, len) == 0)
		c = skip_char(skip_digits(name + len, 8), '-');
	if (c)
		c = skip_char(skip_digits(c, 6), '-');
	if (c)
		c = skip_char(skip_digits(c, 0), '.');
	if (c)
		c = skip_digits(c, 0);
	return c && strcmp(c, ending) == 0;
}

static void name_next(struct eii_directory *d, struct names *out)
{
	int64_t now_us = eii_clock_unix_us();
	char stamp[] = "00000000-000000";
	struct tm local = { 0 };
	time_t now_s;

	d->last_us = now_us > d->last_us ? now_us : d->last_us + 1;
	now_s = (time_t)(d->last_us / 1000000);
	(void)localtime_r(&now_s, &local);
	(void)strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &local);
	(void)snprintf(out->final, sizeof(out->final), "%s%s-%" PRId64 ".%06" PRId64 ENDING,
		       d->prefix, stamp, d->last_us / 1000000, d->last_us % 1000000);
	(void)snprintf(out->partial, sizeof(out->partial), "%s" PARTIAL, out->final);
}

/* One that nobody has; 0, or what the system says. */
static int make_file(struct eii_directory *d, struct names *out, int *out_fd)
{
	for (int i = 0; i < NAME_TRIES; i++) {
		name_next(d, out);
		if (faccessat(d->fd, out->final, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		*out_fd =
			openat(d->fd, out->partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (*out_fd >= 0)
			return 0;
		if (errno != EEXIST)
			return errno;
	}
	return EEXIST;
}

/* ---- what is there ----------------------------------------------------- */

static bool is_old(const struct eii_directory *d, const char *name, int64_t before_s)
{
	struct stat info;

	return fstatat(d->fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode) &&
	       info.st_mtime < before_s;
}

static void remove_old(struct eii_directory *d, const char *name)
{
	if (unlinkat(d->fd, name, 0) == 0 || errno == ENOENT || d->has_told)
		return;
	d->has_told = true;
	EII_LOG(WARN, "directory.not_removed",
		"A file older than CONNECTOR_SEND_TO_DIRECTORY_RETENTION cannot be removed",
		EII_STR("file", name), EII_STR("reason", strerror(errno)));
}

static void sweep_file(struct eii_directory *d, const char *name)
{
	int64_t days = d->settings->retention_days;

	if (!d->is_clean && is_ours(d, name, ENDING PARTIAL))
		(void)unlinkat(d->fd, name, 0);
	else if (days && is_ours(d, name, ENDING) &&
		 is_old(d, name, eii_clock_unix_s() - days * DAY_S))
		remove_old(d, name);
}

static void sweep(struct eii_directory *d)
{
	int fd = openat(d->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *listing = fd < 0 ? NULL : fdopendir(fd);

	if (!listing) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	for (;;) {
		/* The stream is this function's alone. */
		const struct dirent *entry = readdir(listing); /* NOLINT(concurrency-mt-unsafe) */

		if (!entry)
			break;
		sweep_file(d, entry->d_name);
	}
	(void)closedir(listing);
	d->is_clean = true;
}

/* A full disk shows only where it is written to. */
static enum eii_rc probe(struct eii_directory *d, struct eii_error *err)
{
	struct names names;
	int fd = -1;
	int error = make_file(d, &names, &fd);

	if (error)
		return fail(d, "no file can be made", error, err);
	error = posix_fallocate(fd, 0, (off_t)d->needed_bytes);
	(void)close(fd);
	(void)unlinkat(d->fd, names.partial, 0);
	/* A file system that cannot say so shows it when the file is written. */
	if (error && error != EOPNOTSUPP && error != EINVAL)
		return fail(d, "a file cannot be written", error, err);
	return EII_OK;
}

static enum eii_rc open_path(struct eii_directory *d, struct eii_error *err)
{
	close_it(d);
	d->fd = open(d->settings->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->fd < 0)
		return fail(d, "it cannot be opened", errno, err);
	return EII_OK;
}

void eii_directory_tidy(struct eii_directory *d)
{
	struct eii_error err;

	if (!open_path(d, &err))
		sweep(d);
}

enum eii_rc eii_directory_open(struct eii_directory *d, struct eii_registered *registered,
			       struct eii_error *err)
{
	struct eii_registration registration = { 0 };
	struct eii_features features;
	enum eii_rc rc;

	if (!d)
		return EII_OK;
	if (!eii_registered_get(registered, &registration, &features))
		return eii_fail(err, EII_RETRY, "the connector is not registered yet");
	free(d->applicant_id);
	d->applicant_id = eii_strdup(registration.connector_user_id);
	eii_registration_clear(&registration);
	rc = open_path(d, err);
	if (rc)
		return rc;
	sweep(d);
	return probe(d, err);
}

enum eii_rc eii_directory_check(const struct eii_directory_settings *settings,
				struct eii_error *err)
{
	EII_AUTO(eii_directory) d = eii_directory_new(settings);
	enum eii_rc rc = open_path(d, err);

	return rc ? rc : probe(d, err);
}

/* ---- writing ----------------------------------------------------------- */

struct file_sink {
	struct eii_sink base; /* first */
	const struct eii_directory *directory;
	int fd;
};

static enum eii_rc write_bytes(struct eii_sink *self, const void *data, size_t len,
			       struct eii_error *err)
{
	const struct file_sink *sink = (const struct file_sink *)self;
	const char *bytes = data;

	while (len) {
		ssize_t n = write(sink->fd, bytes, len);

		if (n < 0 && errno != EINTR)
			return fail(sink->directory, "a file cannot be written", errno, err);
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return EII_OK;
}

static void write_connector(const struct eii_directory_settings *settings,
			    struct eii_json_writer *json)
{
	eii_json_object_begin(json);
	eii_json_key(json, "id");
	eii_json_str(json, settings->connector_id);
	eii_json_key(json, "name");
	eii_json_str(json, settings->connector_name);
	eii_json_key(json, "type");
	eii_json_str(json, "EXTERNAL_IMPORT");
	eii_json_key(json, "scope");
	eii_json_str(json, settings->connector_scope);
	eii_json_key(json, "auto");
	eii_json_word(json, EII_JSON_FALSE);
	eii_json_key(json, "validate_before_import");
	eii_json_word(json, settings->wants_validation ? EII_JSON_TRUE : EII_JSON_FALSE);
	eii_json_object_end(json);
}

/* All members before the bundle, with its key. */
static enum eii_rc write_head(const struct eii_directory *d, struct eii_sink *sink,
			      struct eii_error *err)
{
	struct eii_json_writer json;

	eii_json_writer_init(&json, sink);
	eii_json_object_begin(&json);
	eii_json_key(&json, "bundle_type");
	eii_json_str(&json, "DIRECTORY_BUNDLE");
	eii_json_key(&json, "applicant_id");
	if (d->applicant_id)
		eii_json_str(&json, d->applicant_id);
	else
		eii_json_word(&json, EII_JSON_NULL);
	eii_json_key(&json, "connector");
	write_connector(d->settings, &json);
	eii_json_key(&json, "entities_types");
	eii_json_word(&json, EII_JSON_NULL);
	eii_json_key(&json, "bundle");
	return eii_json_writer_finish(&json, err);
}

static enum eii_rc write_content(const struct eii_directory *d, int fd,
				 const struct eii_report *report, unsigned index,
				 struct eii_error *err)
{
	static const char tail[] = ",\"update\":false}";
	struct file_sink sink = { .base = { .write = write_bytes }, .directory = d, .fd = fd };
	enum eii_rc rc = write_head(d, &sink.base, err);

	if (!rc)
		rc = eii_report_write_whole(report, index, &sink.base, err);
	if (!rc)
		rc = eii_sink_write(&sink.base, tail, sizeof(tail) - 1, err);
	return rc;
}

/* It is on the disk first, and has its name then. */
static enum eii_rc give_name(const struct eii_directory *d, int fd, const struct names *names,
			     struct eii_error *err)
{
	if (fsync(fd))
		return fail(d, "a file cannot be written", errno, err);
	if (renameat(d->fd, names->partial, d->fd, names->final))
		return fail(d, "a file cannot be renamed", errno, err);
	/* Some file systems have no such thing for directories. */
	if (fsync(d->fd) && errno != EINVAL)
		return fail(d, "it cannot be synced", errno, err);
	return EII_OK;
}

enum eii_rc eii_directory_write(struct eii_directory *d, const struct eii_report *report,
				unsigned index, struct eii_error *err)
{
	struct names names;
	EII_AUTO_FD fd = -1;
	enum eii_rc rc;
	int error;

	if (!d)
		return EII_OK;
	d->needed_bytes = eii_report_bundle_size(report, index) + PROBE_BYTES;
	error = make_file(d, &names, &fd);
	if (error)
		return fail(d, "no file can be made", error, err);
	rc = write_content(d, fd, report, index, err);
	if (!rc)
		rc = give_name(d, fd, &names, err);
	if (rc) {
		(void)unlinkat(d->fd, names.partial, 0);
		return rc;
	}
	d->needed_bytes = PROBE_BYTES;
	return EII_OK;
}
