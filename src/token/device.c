/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/token/device.h"

#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/codec/json.h"
#include "eii/net/url.h"
#include "token_private.h"

#define USER_CODE_MAX 64
#define ADDRESS_MAX   512

/* Printable ASCII without blanks: nothing that moves a terminal's cursor. */
static bool is_shown(const char *text, size_t max)
{
	size_t len = 0;

	if (!text)
		return false;
	while (len <= max && text[len] > ' ' && text[len] <= '~')
		len++;
	return len > 0 && len <= max && !text[len];
}

static uint32_t number_of(const struct eii_json *answer, const char *name, uint32_t otherwise,
			  uint32_t max)
{
	uint64_t number = otherwise;

	(void)eii_json_as_u64(eii_json_get(answer, name), UINT32_MAX, &number);
	return number < max ? (uint32_t)number : max;
}

enum eii_rc eii_device_read(const struct eii_json *answer, int64_t now_ms, struct eii_device *out,
			    struct eii_error *err)
{
	const char *code = eii_json_get_str(answer, "device_code");
	const char *user_code = eii_json_get_str(answer, "user_code");
	const char *address = eii_json_get_str(answer, "verification_uri");
	uint32_t interval_s =
		number_of(answer, "interval", EII_DEVICE_INTERVAL_S, EII_DEVICE_INTERVAL_MAX_S);
	uint32_t life_s = number_of(answer, "expires_in", EII_DEVICE_LIFE_S, EII_DEVICE_LIFE_MAX_S);

	if (!address)
		address = eii_json_get_str(answer, "verification_url"); /* an older spelling */
	if (!is_shown(code, EII_TOKEN_TEXT_MAX) || !is_shown(user_code, USER_CODE_MAX) ||
	    !is_shown(address, ADDRESS_MAX) || !eii_url_is_safe(address))
		return eii_fail(err, EII_REJECT, "the answer holds no device code");
	*out = (struct eii_device){
		.code = eii_strdup(code),
		.user_code = eii_strdup(user_code),
		.address = eii_strdup(address),
		.interval_s = interval_s ? interval_s : 1,
		.end_ms = now_ms + (int64_t)life_s * 1000,
	};
	out->ask_at_ms = now_ms + (int64_t)out->interval_s * 1000;
	return EII_OK;
}

void eii_device_clear(struct eii_device *device)
{
	eii_free_secret(device->code);
	free(device->user_code);
	free(device->address);
	*device = (struct eii_device){ 0 };
}

static enum eii_device_step wait_for(struct eii_device *device, uint32_t interval_s, int64_t now_ms)
{
	device->interval_s =
		interval_s < EII_DEVICE_INTERVAL_MAX_S ? interval_s : EII_DEVICE_INTERVAL_MAX_S;
	device->ask_at_ms = now_ms + (int64_t)device->interval_s * 1000;
	return device->ask_at_ms < device->end_ms ? EII_DEVICE_WAIT : EII_DEVICE_EXPIRED;
}

enum eii_device_step eii_device_heed(struct eii_device *device, const char *error, int64_t now_ms)
{
	/* Section 3.5: after a connection timeout ever more slowly. */
	if (!error)
		return wait_for(device, 2 * device->interval_s, now_ms);
	if (strcmp(error, "authorization_pending") == 0)
		return wait_for(device, device->interval_s, now_ms);
	if (strcmp(error, "slow_down") == 0)
		return wait_for(device, device->interval_s + EII_DEVICE_SLOWER_S, now_ms);
	if (strcmp(error, "expired_token") == 0)
		return EII_DEVICE_EXPIRED;
	if (strcmp(error, "access_denied") == 0 || strcmp(error, "authorization_declined") == 0)
		return EII_DEVICE_DECLINED;
	return EII_DEVICE_REFUSED;
}
