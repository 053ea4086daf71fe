/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layout of the wire that its writing and its checking side share.
 */
#ifndef EII_FIELDS_WIRE_PRIVATE_H
#define EII_FIELDS_WIRE_PRIVATE_H

#include <stdint.h>

#define EII_WIRE_READY_MAGIC   UINT32_C(0x52494945) /* "EIIR" */
#define EII_WIRE_REQUEST_MAGIC UINT32_C(0x51494945) /* "EIIQ" */
#define EII_WIRE_ANSWER_MAGIC  UINT32_C(0x41494945) /* "EIIA" */

#define EII_WIRE_FLAG_RELAXED 1u

#define EII_WIRE_ATTACH_FORWARDED 1u
#define EII_WIRE_HAS_AUTHORITY    2u
#define EII_WIRE_ASKS_TLP         4u

#define EII_WIRE_DATE_KNOWN           1u
#define EII_WIRE_DATE_OFFSET          2u
#define EII_WIRE_DATE_FLAGS           3u
#define EII_WIRE_AUTHENTICATION_SHIFT 2
#define EII_WIRE_AUTHENTICATION_MASK  7u
#define EII_WIRE_TLP_SHIFT            5

#define EII_WIRE_FIXED_BYTES 52 /* of the fields, before the first entry */
#define EII_WIRE_ENTRY_BYTES 60 /* of an attachment */

/* Walks over bytes whose number the caller has checked. */
struct eii_wire_reader {
	const unsigned char *at;
};

static inline uint8_t eii_wire_u8(struct eii_wire_reader *reader)
{
	return *reader->at++;
}

static inline uint64_t eii_wire_number(struct eii_wire_reader *reader, unsigned n_bytes)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < n_bytes; i++)
		number |= (uint64_t)eii_wire_u8(reader) << (8 * i);
	return number;
}

static inline uint16_t eii_wire_u16(struct eii_wire_reader *reader)
{
	return (uint16_t)eii_wire_number(reader, 2);
}

static inline uint32_t eii_wire_u32(struct eii_wire_reader *reader)
{
	return (uint32_t)eii_wire_number(reader, 4);
}

static inline uint64_t eii_wire_u64(struct eii_wire_reader *reader)
{
	return eii_wire_number(reader, 8);
}

/* Walks over bytes to be filled, of which there are enough. */
struct eii_wire_writer {
	unsigned char *at;
};

static inline void eii_wire_put(struct eii_wire_writer *writer, unsigned n_bytes, uint64_t number)
{
	for (unsigned i = 0; i < n_bytes; i++)
		*writer->at++ = (unsigned char)(number >> (8 * i));
}

#endif
