/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The content of CMS's SignedData (RFC 5652, 5; PKCS #7 before it), as S/MIME
 * has it in "smime.p7m": a bounded reader of BER with its indefinite lengths and
 * octet strings in pieces (X.690, 8.1.3 and 8.7). It looks for the content and
 * nothing else: certificates are not read, and no signature is checked. Time is
 * linear in the bytes, and no memory is taken beside them.
 */
#ifndef EII_MAIL_CMS_H
#define EII_MAIL_CMS_H

#include <stdbool.h>

#include "eii/base/buf.h"
#include "eii/base/text.h"

/* Octet strings in octet strings that are followed. */
#define EII_CMS_NESTED_MAX 16

enum eii_cms {
	EII_CMS_SIGNED,     /* the content is there */
	EII_CMS_SIGNED_CUT, /* as much of it as there is: its end is lost or no BER */
	EII_CMS_EMPTY,      /* signed, without a content: detached, or only certificates */
	EII_CMS_ENCRYPTED,  /* enveloped, encrypted or compressed */
	EII_CMS_UNREADABLE, /* another type, or none of this */
};

/* Are these the first bytes of a CMS object that is signed, encrypted or compressed? */
bool eii_cms_starts(struct eii_text bytes);

/*
 * With EII_CMS_SIGNED and EII_CMS_SIGNED_CUT the content takes the place of what
 * bytes held; else bytes stays as it is.
 */
enum eii_cms eii_cms_open(struct eii_buf *bytes);

#endif
