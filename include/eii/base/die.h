/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a process that its surroundings do not let live: no memory, no
 * descriptor, no thread. It says so in one line, since nothing else is left to
 * say it.
 */
#ifndef EII_BASE_DIE_H
#define EII_BASE_DIE_H

/*
 * Writes "email-intel-imap: cannot go on: what: error" to standard error, waiting
 * at most a second for its reader, and ends with EX_OSERR (sysexits.h). error is
 * an errno value; 0 = none. Safe where no memory is left.
 */
_Noreturn void eii_die(const char *what, int error);

/*
 * For the start of main(): the descriptors 0 to 2 are open, on /dev/null where
 * nobody gave them, so that nothing else of ours becomes one of them; a reader
 * that goes away or a file that may grow no more is an error, not a signal.
 */
void eii_surroundings_init(void);

/*
 * A program that must not go on without the memory that it asked for defines this, to
 * end: the converter, whose reader would take a buffer that could not grow for one that
 * reached its ceiling. Elsewhere it is NULL.
 */
void eii_memory_is_gone(void) __attribute__((weak, noreturn));

#endif
