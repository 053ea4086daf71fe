/* SPDX-License-Identifier: Apache-2.0 */
#include "outgoing.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "support.h"

static const struct eii_report_settings report_settings = { .marking.tlp = EII_TLP_CLEAR,
							    .created_us = 1790000000000000 };

void outgoing_begin(struct outgoing *o)
{
	struct eii_registration registration = { .connector_user_id = eii_strdup("user-1") };
	struct eii_features features = eii_features_newest();

	*o = (struct outgoing){ .path = "/tmp/eii-outgoing-XXXXXX" };
	assert_non_null(mkdtemp(o->path));
	o->settings = (struct eii_directory_settings){ .path = o->path,
						       .retention_days = 7,
						       .connector_id = "id-1",
						       .connector_name = "Email Intel",
						       .connector_scope = "email,intel" };
	o->registered = eii_registered_new();
	eii_registered_put(o->registered, &registration, &features);
}

static void path_of(const struct outgoing *o, const char *name, char out[400])
{
	(void)snprintf(out, 400, "%s/%s", o->path, name);
}

void outgoing_end(struct outgoing *o)
{
	char last[256];

	while (outgoing_count(o, last)) {
		char path[400];

		path_of(o, last, path);
		assert_int_equal(remove(path), 0);
	}
	assert_int_equal(rmdir(o->path), 0);
	eii_registered_free(o->registered);
}

int outgoing_count(const struct outgoing *o, char last[256])
{
	DIR *listing = opendir(o->path);
	const struct dirent *entry;
	int n = 0;

	assert_non_null(listing);
	last[0] = '\0';
	while ((entry = readdir(listing))) {
		if (entry->d_name[0] == '.')
			continue;
		n++;
		(void)snprintf(last, 256, "%s", entry->d_name);
	}
	(void)closedir(listing);
	return n;
}

void outgoing_put(const struct outgoing *o, const char *name, int64_t age_s)
{
	int64_t then_s = eii_clock_unix_s() - age_s;
	const struct timespec times[] = { { .tv_sec = then_s }, { .tv_sec = then_s } };
	char path[400];
	int fd;

	path_of(o, name, path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "{}", 2), 2);
	assert_int_equal(futimens(fd, times), 0);
	(void)close(fd);
}

bool outgoing_has(const struct outgoing *o, const char *name)
{
	struct stat info;
	char path[400];

	path_of(o, name, path);
	return lstat(path, &info) == 0;
}

struct eii_parcel *outgoing_parcel(size_t content_bytes)
{
	struct eii_parcel *parcel = eii_parcel_new(7);
	struct eii_fields *fields = eii_fields_new();
	struct eii_report_source source = { .fields = fields, .uid = 7 };
	char *content = malloc(content_bytes + 1);
	struct eii_report *report = NULL;
	struct eii_error err;

	assert_non_null(content);
	memset(content, 'c', content_bytes);
	fields->subject = eii_fields_keep(fields, eii_text_of("Subject"));
	fields->content = eii_fields_keep(fields, eii_text(content, content_bytes));
	free(content);
	eii_parcel_set_fields(parcel, fields);
	CHECK(eii_report_new(&report_settings, &source, &report, &err) == EII_OK, "%s", err.text);
	eii_parcel_set_report(parcel, report);
	return parcel;
}

void outgoing_limit(uint64_t bytes)
{
	static struct rlimit before;
	struct rlimit limit;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	if (bytes)
		before = limit;
	limit.rlim_cur = bytes ? bytes : before.rlim_cur;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}
