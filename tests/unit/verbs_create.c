// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/verbs/create.c: a guest is asked for, and waited for, step by step. How it is made,
 * and the time, are the test's own.
 */
#include "steps.h"

#include <unistd.h>

#include "guest/check.h"
#include "guest/device.h"
#include "guest/make.h"
#include "guest/power.h"
#include "guest/remove.h"
#include "xen/reason.h"

#define TOKEN	"mine"
#define ANSWER \
	"{\"name\":\"new\",\"warnings\":[\"acpi: no\"],\"domid\":7," \
	"\"handle\":\"01000000-0000-0000-0000-000000000000\"}"

/* Whether there is such a guest, made and with which token; how making one ends. */
static bool exists, is_made, is_gone, is_run;
static enum ending ending;
static const char *its_token, *its_name;
static int noxs_ret, check_ret, make_ret, look_ret, remove_ret;
static unsigned int nr_made, nr_removed, nr_locked, nr_put, nr_served;
static char *wrong;

int access_xen(struct access *access, struct error *why)
{
	(void)why;
	assert_ptr_equal(access, &host);
	return 0;
}

int access_noxs(struct access *access, struct error *why)
{
	assert_ptr_equal(access, &host);
	return noxs_ret ? error_set(why, noxs_ret, "no noxs") : 0;
}

int config_take(const char *text, size_t len, const char *name,
		struct guest_config *config, char **wrongs, struct error *why)
{
	assert_string_equal(text, "name = 'new'");
	assert_int_equal(len, strlen(text));
	assert_string_equal(name, "new.cfg");
	*wrongs = wrong ? strdup(wrong) : NULL;
	if (wrong)
		return error_set(why, -EINVAL, "the first");
	memset(config, 0, sizeof(*config));
	strcpy(config->name, "new");
	config->warnings[0] = strdup("acpi: no");
	config->nr_warnings = 1;
	return 0;
}

int guest_check_with(struct xen *xen, struct guest_config *config,
		     struct error *why)
{
	char directory[16];

	assert_ptr_equal(xen, &host.xen);
	assert_string_equal(config->name, its_name);
	assert_string_equal(getcwd(directory, sizeof(directory)), "/usr");
	return check_ret ? error_set(why, check_ret, "no kernel") : 0;
}

bool guest_number_name(const char *name, unsigned int number, char *numbered)
{
	assert_string_equal(name, "new");
	sprintf(numbered, "new-%u", number);
	return number < 100;
}

int guest_check_many(const struct guest_config *config, unsigned int count,
		     struct error *why)
{
	assert_string_equal(config->name, "new");
	return count < 100 ? 0 : error_set(why, -EINVAL, "too long");
}

int guest_try(struct xen *xen, const struct guest_config *config,
	      unsigned int count, struct json_object **doc, struct error *why)
{
	assert_ptr_equal(xen, &host.xen);
	assert_string_equal(config->name, "new");
	if (make_ret)
		return error_set(why, make_ret, "no memory");
	*doc = json_object_new_object();
	doc_number(*doc, "count", count);
	return 0;
}

int making_make(struct making *making, struct error *why)
{
	assert_ptr_equal(making->xen, &host.xen);
	assert_ptr_equal(making->noxs, &host.noxs);
	assert_int_equal(making->patience,
			 strcmp(verb->method, "Run") ? 0 : 60000);
	assert_int_equal(making->daemon, host.daemon);
	assert_true(making->paused);
	assert_string_equal(making->token, TOKEN);
	nr_made++;
	making->build.dom.domid = DOMID;
	making->build.dom.handle[0] = 1;
	return make_ret ? error_set(why, make_ret, "no memory") : 0;
}

static int find(const char *arg, struct guest *guest, struct error *why)
{
	assert_string_equal(arg, its_name);
	if (!exists)
		return error_set(why, -ENOENT, "no such guest");
	fill_guest(guest);
	guest->recorded = its_token;
	return 0;
}

int guest_find(struct xen *xen, const char *arg, struct guest *guest,
	       struct error *why)
{
	(void)xen;
	return find(arg, guest, why);
}

/* Its maker may have undone it by then. */
int guest_lock(struct xen *xen, const char *arg, struct guest *guest,
	       struct error *why)
{
	(void)xen;
	nr_locked++;
	return is_gone ? error_set(why, -ENOENT, "gone") : find(arg, guest, why);
}

void guest_put(struct guest *guest)
{
	assert_int_equal(guest->domid, DOMID);
	nr_put++;
}

int guest_serve_console(const struct guest *guest, struct error *why)
{
	(void)why;
	assert_int_equal(guest->domid, DOMID);
	nr_served++;
	return 0;
}

bool record_is_made(const struct record *record)
{
	(void)record;
	return is_made;
}

const char *record_text(const struct record *record, const char *key)
{
	(void)record;
	assert_string_equal(key, "token");
	return its_token;
}

/* Those of others, too. */
void records_each(void (*fn)(struct record *record, void *arg), void *arg)
{
	static const char *const tokens[] = {
		TOKEN "-1", TOKEN, TOKEN "-", TOKEN "-1-2", "mi-1", "", TOKEN "-12",
	};
	struct record record = { .domid = DOMID, .handle = { 1 } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tokens); i++) {
		its_token = tokens[i];
		fn(&record, arg);
	}
}

bool guest_is_run(const struct guest *guest)
{
	assert_int_equal(guest->domid, DOMID);
	return is_run;
}

enum ending ending_look(struct xen *xen, uint32_t domid, const uint8_t *handle)
{
	(void)xen;
	assert_int_equal(domid, DOMID);
	assert_int_equal(handle[0], 1);
	return ending;
}

bool xen_is_domain(struct xen *xen, uint32_t domid, const uint8_t *handle)
{
	(void)xen;
	assert_int_equal(domid, DOMID);
	assert_int_equal(handle[0], 1);
	return !is_gone;
}

int device_look(struct noxs *noxs, struct xen *xen, uint32_t domid,
		uint16_t type, unsigned int id, struct error *why)
{
	(void)noxs;
	(void)xen;
	(void)id;
	assert_int_equal(domid, DOMID);
	assert_int_equal(type, NOXS_TYPE_NONE);
	return look_ret > 0 ? 1 : error_set(why, look_ret, "vif 0: not yet");
}

int guest_remove_domain(struct xen *xen, uint32_t domid, const uint8_t *handle,
			bool force, struct error *why)
{
	(void)xen;
	assert_int_equal(domid, DOMID);
	assert_int_equal(handle[0], 1);
	assert_int_equal(force, !!strcmp(verb->method, "Run"));
	nr_removed++;
	return remove_ret ? error_set(why, remove_ret, "it stays") : 0;
}

static int setup(void **state)
{
	(void)state;
	now = 1000;
	exists = false;
	is_made = false;
	is_gone = false;
	is_run = false;
	ending = ENDING_NONE;
	its_token = NULL;
	its_name = "new";
	noxs_ret = 0;
	check_ret = 0;
	make_ret = 0;
	look_ret = 0;
	remove_ret = 0;
	nr_made = 0;
	nr_removed = 0;
	nr_locked = 0;
	nr_put = 0;
	nr_served = 0;
	host.daemon = true;
	wrong = NULL;
	return 0;
}

static int step(void)
{
	json_object_put(answer);
	answer = json_object_new_object();
	return verb->fn(verb, &host, parameters, answer, &err);
}

static void ask_with(const struct verb *table, const char *method)
{
	ask_for(table, method);
	assert_true(verb->alone);
	doc_text(parameters, "config", "name = 'new'");
	doc_text(parameters, "file", "new.cfg");
	doc_text(parameters, "directory", "/usr");
}

static int create(int wait)
{
	ask_with(create_verbs, "Create");
	doc_bool(parameters, "paused", true);
	doc_number(parameters, "wait", wait);
	doc_text(parameters, "token", TOKEN);
	return step();
}

static void test_create(void **state)
{
	(void)state;
	assert_int_equal(create(0), 0);
	assert_answer(ANSWER);
	assert_int_equal(nr_made, 1);
	make_ret = -ENOMEM;
	assert_int_equal(create(5), -ENOMEM);
	assert_answer("{\"name\":\"new\",\"warnings\":[\"acpi: no\"]}");
	assert_int_equal(nr_made, 2);
	noxs_ret = -ENODEV;
	assert_int_equal(create(0), -ENODEV);
	check_ret = -ENOENT;
	assert_int_equal(create(0), -ENOENT);
	assert_string_equal(err.text, "no kernel");
	wrong = "the first\n\nthe second\n";
	assert_int_equal(create(0), -EINVAL);
	assert_answer("{\"wrongs\":[\"the first\",\"the second\"]}");
	doc_text(parameters, "directory", "/nowhere");
	assert_int_equal(step(), -ENOENT);
	assert_string_equal(err.text, "/nowhere: No such file or directory");
	assert_int_equal(nr_made, 2);
}

/* What was made for him then, however that had ended. */
static void test_again(void **state)
{
	(void)state;
	exists = true;
	its_token = TOKEN;
	is_made = true;
	assert_int_equal(create(0), 0);
	assert_answer(ANSWER);
	assert_int_equal(nr_made, 0);
	assert_int_equal(nr_put, 2);
	assert_int_equal(nr_served, 0);
	/* If chaosd, which was to serve the console, is no more. */
	host.daemon = false;
	assert_int_equal(create(0), 0);
	assert_int_equal(nr_made, 0);
	assert_int_equal(nr_served, 1);
	/* Its maker has undone it, or was killed. */
	is_made = false;
	assert_int_equal(create(0), 0);
	assert_int_equal(nr_made, 1);
	is_gone = true;
	assert_int_equal(create(0), 0);
	assert_int_equal(nr_made, 2);
	is_gone = false;
	/* Another one's is for who makes it to say. */
	its_token = "other";
	nr_locked = 0;
	make_ret = -EEXIST;
	assert_int_equal(create(0), -EEXIST);
	its_token = NULL;
	assert_int_equal(create(0), -EEXIST);
	assert_int_equal(nr_locked, 0);
}

static void test_waits(void **state)
{
	(void)state;
	assert_int_equal(create(500), VERB_WAITS);
	assert_int_equal(doc_get_number(answer, "deadline"), now + 500);
	now += 499;
	assert_int_equal(go_on(false), VERB_WAITS);
	assert_int_equal(doc_get_number(answer, "deadline"), now + 1);
	look_ret = 1;
	assert_int_equal(go_on(false), 0);
	assert_answer(ANSWER);
	assert_int_equal(nr_removed, 0);
	/* At once. */
	assert_int_equal(create(500), 0);
	assert_answer(ANSWER);
	assert_int_equal(nr_made, 2);
}

/* It isn't left behind. */
static void test_waits_in_vain(void **state)
{
	(void)state;
	assert_int_equal(create(500), VERB_WAITS);
	now += 500;
	assert_int_equal(go_on(false), -ETIMEDOUT);
	assert_string_equal(err.text, "vif 0: not yet");
	assert_string_equal(doc_get_text(answer, "name"), "new");
	assert_int_equal(nr_removed, 1);
	assert_int_equal(create(500), VERB_WAITS);
	assert_int_equal(go_on(true), -EINTR);
	assert_string_equal(err.text, "interrupted");
	assert_int_equal(nr_removed, 2);
	/* Others were faster. */
	remove_ret = -ESTALE;
	assert_int_equal(create(500), VERB_WAITS);
	is_gone = true;
	assert_int_equal(go_on(false), -ESRCH);
	assert_string_equal(err.text, "its domain is gone");
	is_gone = false;
	remove_ret = -EBUSY;
	look_ret = -ESRCH;
	assert_int_equal(create(500), -EIO);
	assert_string_equal(err.text, "vif 0: not yet; and undoing it: it stays");
	assert_int_equal(nr_removed, 4);
}

/* Of many, each has its number; what is wrong with all of them is known before. */
static void test_many(void **state)
{
	(void)state;
	assert_int_equal(create(0), 0);
	its_name = "new-7";
	doc_number(parameters, "number", 7);
	assert_int_equal(step(), 0);
	assert_string_equal(doc_get_text(answer, "name"), "new-7");
	doc_number(parameters, "number", 100);
	assert_int_equal(step(), -EINVAL);
	assert_string_equal(err.text, "name: with a number it is too long");
	its_name = "new";
	ask_with(create_verbs, "CreateMany");
	doc_number(parameters, "count", 7);
	assert_int_equal(step(), 0);
	assert_answer("{\"name\":\"new\",\"warnings\":[\"acpi: no\"]}");
	doc_number(parameters, "count", 100);
	assert_int_equal(step(), -EINVAL);
	assert_string_equal(err.text, "too long");
	check_ret = -ENOENT;
	doc_number(parameters, "count", 7);
	assert_int_equal(step(), -ENOENT);
	assert_int_equal(nr_made, 2);
}

#define HANDLE	"01000000-0000-0000-0000-000000000000"

static int run(const char *former)
{
	ask_with(create_verbs, "Run");
	doc_bool(parameters, "paused", true);
	doc_number(parameters, "patience", 60000);
	doc_text(parameters, "token", TOKEN);
	if (former)
		doc_text(parameters, "former", former);
	return step();
}

/* One that is there, and whose run it is, chaosd knows; it also says what may go. */
static void test_run(void **state)
{
	(void)state;
	assert_int_equal(run(NULL), 0);
	assert_answer(ANSWER);
	assert_int_equal(nr_made, 1);
	exists = true;
	is_made = true;
	its_token = "other";
	/* A guest like others keeps its name. */
	make_ret = -EEXIST;
	assert_int_equal(run(NULL), -EEXIST);
	is_run = true;
	assert_int_equal(run(NULL), 0);
	assert_false(doc_get_bool(answer, "ended"));
	assert_true(doc_get_bool(answer, "found"));
	assert_string_equal(doc_get_text(answer, "handle"), HANDLE);
	assert_int_equal(run(HANDLE), 0);
	assert_true(doc_get_bool(answer, "found"));
	ending = ENDING_CRASH;
	assert_int_equal(run(NULL), 0);
	assert_true(doc_get_bool(answer, "ended"));
	assert_int_equal(run("02000000-0000-0000-0000-000000000000"), 0);
	assert_true(doc_get_bool(answer, "ended"));
	assert_int_equal(nr_made, 2);
	assert_int_equal(nr_removed, 0);
	make_ret = 0;
	assert_int_equal(run(HANDLE), 0);
	assert_answer(ANSWER);
	assert_int_equal(nr_removed, 1);
	assert_int_equal(nr_made, 3);
	remove_ret = -ESTALE;
	assert_int_equal(run(HANDLE), 0);
	assert_int_equal(nr_made, 4);
	remove_ret = -EBUSY;
	assert_int_equal(run(HANDLE), -EBUSY);
	/* His own, of whom he hasn't heard. */
	its_token = TOKEN;
	assert_int_equal(run(NULL), 0);
	assert_false(doc_get_bool(answer, "found"));
	/* Half a guest is for who makes it to take. */
	its_token = "other";
	is_made = false;
	remove_ret = 0;
	assert_int_equal(run(NULL), 0);
	assert_int_equal(nr_made, 5);
}

static void test_check(void **state)
{
	(void)state;
	ask_with(create_verbs, "Check");
	assert_int_equal(step(), 0);
	assert_int_equal(doc_get_number(json_object_object_get(answer, "guest"),
					"count"), 0);
	json_object_object_del(answer, "guest");
	assert_answer("{\"name\":\"new\",\"warnings\":[\"acpi: no\"]}");
	doc_number(parameters, "count", 100);
	assert_int_equal(step(), -EINVAL);
	doc_number(parameters, "count", 2);
	make_ret = -ENOMEM;
	assert_int_equal(step(), -ENOMEM);
	noxs_ret = -ENODEV;
	assert_int_equal(step(), -ENODEV);
	wrong = "the first\n";
	assert_int_equal(step(), -EINVAL);
	assert_answer("{\"wrongs\":[\"the first\"]}");
	assert_int_equal(nr_made, 0);
}

static int undo(uint32_t domid)
{
	ask_for(create_verbs, "CreateUndo");
	assert_false(verb->alone);
	doc_text(parameters, "name", "new");
	doc_text(parameters, "token", TOKEN);
	if (domid) {
		doc_number(parameters, "domid", domid);
		doc_text(parameters, "handle",
			 "01000000-0000-0000-0000-000000000000");
	}
	return step();
}

/* What was made, or what there is of it, and nothing of others. */
static void test_undo(void **state)
{
	(void)state;
	assert_int_equal(undo(DOMID), 0);
	assert_int_equal(nr_removed, 1);
	assert_int_equal(undo(0), 0);
	assert_int_equal(nr_removed, 1);
	exists = true;
	assert_int_equal(undo(0), 0);
	its_token = "other";
	assert_int_equal(undo(0), 0);
	assert_int_equal(nr_removed, 1);
	its_token = TOKEN;
	assert_int_equal(undo(0), 0);
	assert_int_equal(nr_removed, 2);
	remove_ret = -ESTALE;
	assert_int_equal(undo(DOMID), 0);
	remove_ret = -EBUSY;
	assert_int_equal(undo(DOMID), -EBUSY);
	assert_string_equal(err.text, "it stays");
}

/* Those that were made for him, and nobody else's. */
static void test_undo_rest(void **state)
{
	(void)state;
	ask_for(create_verbs, "CreateUndoRest");
	assert_false(verb->alone);
	doc_text(parameters, "token", TOKEN);
	assert_int_equal(step(), 0);
	assert_int_equal(nr_removed, 2);
	remove_ret = -ESTALE;
	assert_int_equal(step(), 0);
	remove_ret = -EBUSY;
	assert_int_equal(step(), -EBUSY);
	assert_string_equal(err.text, "it stays");
	assert_int_equal(nr_removed, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_create, setup, teardown),
		cmocka_unit_test_setup_teardown(test_again, setup, teardown),
		cmocka_unit_test_setup_teardown(test_waits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_run, setup, teardown),
		cmocka_unit_test_setup_teardown(test_check, setup, teardown),
		cmocka_unit_test_setup_teardown(test_undo, setup, teardown),
		cmocka_unit_test_setup_teardown(test_undo_rest, setup, teardown),
		cmocka_unit_test_setup_teardown(test_waits_in_vain, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
