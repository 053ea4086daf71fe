/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/alloc.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "support.h"

#define LIVES 7

/* No block of this size or a larger one is to be had any more. */
static void use_up_memory(size_t size)
{
	struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_AS, &none);
	while (malloc(size))
		;
}

static void ask_for_new(size_t size)
{
	void *block = eii_block_new(size);

	_exit(block ? EXIT_SUCCESS : LIVES);
}

static void ask_for_zeroed(size_t size)
{
	void *block = eii_block_new_zeroed(2, size / 2);

	_exit(block ? EXIT_SUCCESS : LIVES);
}

static void resize(size_t size)
{
	void *block = eii_block_resize(NULL, size);

	_exit(block ? EXIT_SUCCESS : LIVES);
}

/* The exit status of a child that asks where there is no memory. */
static int status_of(void (*ask)(size_t), size_t size)
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		int null = open("/dev/null", O_WRONLY);

		(void)dup2(null, STDERR_FILENO);
		use_up_memory(1024);
		ask(size);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_alloc__a_small_block_that_is_not_there_ends_the_process(void **state)
{
	static void (*const asks[])(size_t) = { ask_for_new, ask_for_zeroed, resize };

	(void)state;
#ifdef EII_SANITIZED /* whose allocator knows no limit of the address space */
	skip();
#endif
	for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
		CHECK(status_of(asks[i], EII_SMALL_BYTES) == EX_OSERR, "%zu, at the limit", i);
		CHECK(status_of(asks[i], EII_SMALL_BYTES + 2) == LIVES, "%zu, past it", i);
	}
}

static void test_alloc__blocks_are_those_of_malloc(void **state)
{
	char *zeroed = eii_block_new_zeroed(3, 5);
	char *block = eii_block_resize(eii_block_new(10), 20);

	(void)state;
	for (size_t i = 0; i < 15; i++)
		assert_int_equal(zeroed[i], 0);
	block[19] = 'x';
	free(zeroed);
	/* As realloc(): freed, and no failure. */
	assert_null(eii_block_resize(block, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alloc__a_small_block_that_is_not_there_ends_the_process),
		cmocka_unit_test(test_alloc__blocks_are_those_of_malloc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
