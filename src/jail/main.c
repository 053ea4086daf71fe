/* SPDX-License-Identifier: Apache-2.0 */
/*
 * email-intel-imap-converter: started by the connector with one descriptor and
 * the size of its address space. It has no standard error: what fails before
 * the jail is closed goes to the connector in the ready word's place.
 */
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "eii/base/die.h"
#include "eii/base/text.h"
#include "eii/jail/serve.h"

#define CHANNEL_FD 3

/* Its connector reads the cause from the code; the jail lets nothing be said. */
void eii_memory_is_gone(void)
{
	_exit(EX_OSERR);
}

int main(int argc, char **argv)
{
	struct eii_error err;
	uint64_t address_space_bytes = 0;

	if (argc != 2 || !eii_text_to_u64(eii_text_of(argv[1]), UINT64_MAX, &address_space_bytes))
		return EXIT_FAILURE;
	return eii_converter_serve(CHANNEL_FD, address_space_bytes, &err) ? EXIT_FAILURE
									  : EXIT_SUCCESS;
}
