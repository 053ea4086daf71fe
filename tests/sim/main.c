/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worlds --seed S --worlds N [--lane I --lanes N] [--trace] [--seeds FILE] [cuts]
 *
 * Plays the worlds I, I + lanes, ... of N, whose seeds come from S, or those of
 * a file, and prints what it found: one line for each world that failed, then
 * the books. tests/sim/run builds it and plays two lanes beside each other.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "models.h"
#include "soak.h"
#include "world.h"

#define WORLD_S      30 /* of processor time: more is a loop that never ends */
#define MAX_FAILURES 20
#define BUCKETS      (SIM_MAILS + 1)

struct settings {
	uint64_t seed, n, lane, lanes;
	bool is_exact; /* the seed is the world's own */
	struct sim_cuts cuts;
	const char *seeds;
};

struct books {
	uint64_t n, n_failed, n_facts, n_orders, n_kills;
	uint64_t struck[SIM_FAULTS], worlds_with[SIM_FAULTS];
	uint64_t mails[BUCKETS], faults[SIM_FAULTS + 1];
};

static struct sim_world world;
static struct books books;
static sigjmp_buf back;

static void on_signal(int number)
{
	siglongjmp(back, number);
}

static void watch(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_NODEFER };

	sigaction(SIGABRT, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGFPE, &action, NULL);
	sigaction(SIGVTALRM, &action, NULL);
}

static void limit(time_t seconds)
{
	struct itimerval timer = { .it_value = { .tv_sec = seconds } };

	setitimer(ITIMER_VIRTUAL, &timer, NULL);
}

static void note(void)
{
	uint64_t n_faults = 0;

	books.n++;
	books.n_facts += world.n_facts;
	books.n_orders += world.n_orders;
	books.n_kills += world.process.n_kills;
	books.mails[world.plan.n_mails]++;
	for (int i = 0; i < SIM_FAULTS; i++) {
		books.struck[i] += world.struck[i];
		books.worlds_with[i] += world.struck[i] > 0;
		n_faults += world.struck[i] > 0;
	}
	books.faults[n_faults]++;
}

/* A world may end by an assertion or a loop: it is left as it lies. */
static void play(uint64_t seed, const struct sim_cuts *cuts)
{
	int number = sigsetjmp(back, 1);

	if (sim_trace_is_on && number == 0)
		printf("world %" PRIu64 "\n", seed);

	if (number == 0) {
		limit(WORLD_S);
		sim_world_play(&world, seed, cuts);
	} else {
		world.process.core = NULL;
		world.failed[0] = '\0';
		sim_fail(&world, number == SIGVTALRM ? "endless" : "assertion", "signal %d",
			 number);
	}
	limit(0);
	note();
	if (!world.failed[0])
		return;
	books.n_failed++;
	printf("FAILED seed %" PRIu64 " %s: %s\n", seed, world.failed, world.why);
	fflush(stdout);
}

static uint64_t seed_of(const struct settings *settings, uint64_t i)
{
	struct sim_chance chance;

	if (settings->is_exact)
		return settings->seed;
	sim_chance_seed(&chance, settings->seed, i);
	return sim_chance_next(&chance);
}

/* Before what the line says of its world. */
static bool has_word(const char *text, const char *word)
{
	const char *end = text + strcspn(text, "#");
	const char *at = strstr(text, word);

	return at && at < end;
}

static void play_file(const struct settings *settings)
{
	FILE *file = fopen(settings->seeds, "r");
	char line[128];
	struct sim_cuts cuts = settings->cuts;
	uint64_t i = 0;

	if (!file) {
		fprintf(stderr, "cannot read %s\n", settings->seeds);
		exit(2);
	}
	while (fgets(line, sizeof(line), file)) {
		char *end;
		uint64_t seed = strtoull(line, &end, 10);

		if (line[0] < '0' || line[0] > '9' || i++ % settings->lanes != settings->lane)
			continue;
		/* A seed from before there was PUSH, or FOLDERS, makes the world that it made. */
		for (int fault = SIM_FAULT_PUSH; fault <= SIM_FAULT_FOLDERS; fault++)
			cuts.without[fault] = settings->cuts.without[fault];
		cuts.without[SIM_FAULT_PUSH] |= !has_word(end, "push");
		cuts.without[SIM_FAULT_FOLDERS] |= !has_word(end, "folders");
		play(seed, &cuts);
	}
	fclose(file);
}

static void print_books(void)
{
	printf("worlds %" PRIu64 " failed %" PRIu64 " facts %" PRIu64 " orders %" PRIu64
	       " kills %" PRIu64 "\n",
	       books.n, books.n_failed, books.n_facts, books.n_orders, books.n_kills);
	for (int i = 0; i < SIM_FAULTS; i++)
		printf("fault %s %" PRIu64 " %" PRIu64 "\n", sim_faults[i].name, books.struck[i],
		       books.worlds_with[i]);
	for (int i = 0; i < BUCKETS; i++) {
		if (books.mails[i])
			printf("mails %d %" PRIu64 "\n", i, books.mails[i]);
	}
	for (int i = 0; i <= SIM_FAULTS; i++) {
		if (books.faults[i])
			printf("faults %d %" PRIu64 "\n", i, books.faults[i]);
	}
}

static void print_unreached(void)
{
	static const char *const phases[] = { "idle", "look", "flow", "close", "stop" };

	for (int phase = 0; phase <= EII_PHASE_STOP; phase++) {
		for (int fact = 0; fact < EII_FACTS; fact++) {
			if (!sim_reached[phase][fact])
				printf("never %s in %s\n", sim_fact_name((enum eii_fact_type)fact),
				       phases[phase]);
		}
	}
}

static void drop_fault(struct settings *settings, const char *name)
{
	enum sim_fault fault = sim_fault_find(name);

	if (fault == SIM_FAULTS) {
		fprintf(stderr, "no fault is called %s\n", name);
		exit(2);
	}
	settings->cuts.without[fault] = true;
}

static void take_option(struct settings *settings, const char *name, const char *value)
{
	uint64_t number = strtoull(value, NULL, 10);

	if (strcmp(name, "--seed") == 0)
		settings->seed = number;
	else if (strcmp(name, "--worlds") == 0)
		settings->n = number;
	else if (strcmp(name, "--lane") == 0)
		settings->lane = number;
	else if (strcmp(name, "--lanes") == 0)
		settings->lanes = number;
	else if (strcmp(name, "--seeds") == 0)
		settings->seeds = value;
	else if (strcmp(name, "--without") == 0)
		drop_fault(settings, value);
	else if (strcmp(name, "--skip") == 0 && number < SIM_INSTANTS)
		settings->cuts.skip[number] = true;
	else if (strcmp(name, "--mails") == 0)
		settings->cuts.max_mails = (uint32_t)number;
	else if (strcmp(name, "--chaos") == 0)
		settings->cuts.max_chaos_s = (uint32_t)number;
	else if (strcmp(name, "--soak") == 0 && number <= SIM_SOAK_HOURS)
		settings->cuts.soak_hours = (uint32_t)number;
	else {
		fprintf(stderr, "unknown option %s\n", name);
		exit(2);
	}
}

static void print_plan(void)
{
	const struct sim_plan *plan = &world.plan;

	printf("plan mails %u chaos %" PRId64 "\n", plan->n_mails, plan->chaos_ms / 1000);
	for (int i = 0; i < SIM_FAULTS; i++) {
		if (plan->has[i])
			printf("plan fault %s\n", sim_faults[i].name);
	}
	for (uint32_t i = 0; i < plan->n_instants; i++) {
		if (plan->instants[i].fault != SIM_FAULTS)
			printf("plan instant %u\n", i);
	}
}

int main(int argc, char **argv)
{
	struct settings settings = { .n = 1, .lanes = 1 };
	bool shows_plan = false;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--trace") == 0)
			sim_trace_is_on = true;
		else if (strcmp(argv[i], "--plan") == 0)
			shows_plan = true;
		else if (strcmp(argv[i], "--exact") == 0)
			settings.is_exact = true;
		else if (i + 1 < argc) {
			take_option(&settings, argv[i], argv[i + 1]);
			i++;
		}
	}
	watch();
	if (settings.seeds)
		play_file(&settings);
	else
		for (uint64_t i = settings.lane; i < settings.n && books.n_failed < MAX_FAILURES;
		     i += settings.lanes)
			play(seed_of(&settings, i), &settings.cuts);
	if (shows_plan)
		print_plan();
	print_books();
	print_unreached();
	return books.n_failed > 0;
}
