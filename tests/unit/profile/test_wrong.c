/* SPDX-License-Identifier: MIT */
/* Wrong profiles: for each construct of the language what can be wrong about it, and the
 * whole of what is said. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/profile/read.h"
#include "tests/unit/unit.h"

#define ONE_CLASS "user_classes = ( { name = \"A\"; tasks = ( { request = \"GET /\"; } ); } );\n"
#define T "target = \"http://h\";\n"
#define CLASS(inside) T "user_classes = ( {\n name = \"A\";\n" inside "\n} );\n"
#define TASKS "tasks = ( { request = \"GET /\"; } );"
#define REQUEST(inside) CLASS("tasks = ( {\n" inside "\n} );")
#define LEVEL(inside) T ONE_CLASS "levels = {\n" inside "\n};\n"

static const struct {
    const char *text, *messages; /* all of them, a line feed between */
} wrong[] = {
    {"", "p.cfg:1: the profile has no target; add target = \"http://HOST:PORT\"; or give --host.\n"
         "p.cfg:1: the profile has no user_classes."},
    {ONE_CLASS,
     "p.cfg:1: the profile has no target; add target = \"http://HOST:PORT\"; or give --host."},
    {T, "p.cfg:1: the profile has no user_classes."},
    {T "\nuser_clases = ();",
     "p.cfg:3: unknown setting \"user_clases\" in a profile (did you mean \"user_classes\"?)."},
    {T ONE_CLASS "zzz = 1;", "p.cfg:3: unknown setting \"zzz\" in a profile."},
    {"target = 5;\n" ONE_CLASS, "p.cfg:1: target must be a string, not a whole number."},
    {"target = \"ftp://h\";\n" ONE_CLASS,
     "p.cfg:1: target: only http and https can be loaded, not \"ftp\"."},
    {"target = \"http://h/?a=1\";\n" ONE_CLASS,
     "p.cfg:1: target: a target has no query; put it into the requests."},
    {T ONE_CLASS "insecure = 1;", "p.cfg:3: insecure must be true or false, not a whole number."},
    {T ONE_CLASS "http2 = \"yes\";", "p.cfg:3: http2 must be true or false, not a string."},
    {T ONE_CLASS "timeout = true;",
     "p.cfg:3: timeout must be a time in seconds, not true or false."},
    {T ONE_CLASS "timeout = 0;", "p.cfg:3: timeout must be more than 0 and at most one hour."},
    {T ONE_CLASS "max_redirects = 3;", "p.cfg:3: max_redirects needs follow = true;."},
    {T ONE_CLASS "limits = { max_user = 3; };",
     "p.cfg:3: unknown setting \"max_user\" in limits (did you mean \"max_users\"?)."},
    {T ONE_CLASS "limits = { max_users = 2000000; };",
     "p.cfg:3: max_users must be from 1 to 1000000, not 2000000."},
    {T ONE_CLASS "headers = \"A: b\";", "p.cfg:3: headers must be a group { }, not a string."},
    {T ONE_CLASS
     "headers = {\n Content-Length = \"3\";\n A = \"x\\r\\ny\";\n a = 5;\n *x = \"1\";\n"
     " B = \"1\"; b = \"2\"; b* = \"3\"; };",
     "p.cfg:4: the header \"Content-Length\" is set by the program itself, from the body.\n"
     "p.cfg:5: the header \"A\" holds a line break or control character.\n"
     "p.cfg:6: a must be a string, not a whole number.\n"
     "p.cfg:8: the header \"b\" is given twice; case does not count."},
    {T "user_classes = {};", "p.cfg:2: user_classes must be a list ( ), not a group { }."},
    {T "user_classes = ();", "p.cfg:2: user_classes is empty."},
    {T "user_classes = (\n 7 );", "p.cfg:3: each element must be a group { }, not a whole number."},
    {T "user_classes = ( {\n " TASKS " } );", "p.cfg:2: this user class has no name."},
    {T "user_classes = ( { name = \"A\"; " TASKS " },\n { name = \"A\"; " TASKS " } );",
     "p.cfg:3: the user class \"A\" is also on line 2."},
    {T "user_classes = ( { name = \"A\"; weight = 10000; " TASKS " },\n"
       " { name = \"B\"; weight = 1; " TASKS " } );",
     "p.cfg:2: the weights of the user classes add up to 10001, more than 10000; use smaller "
     "ones."},
    {CLASS("weight = 0; " TASKS), "p.cfg:2: no user class is left: all have weight 0."},
    {CLASS("weight = -1; " TASKS), "p.cfg:4: weight must be from 0 to 10000, not -1."},
    {CLASS("weight = 1.5; " TASKS),
     "p.cfg:4: weight must be a whole number, not a number with a decimal point."},
    {CLASS("wieght = 3; " TASKS),
     "p.cfg:4: unknown setting \"wieght\" in a user class (did you mean \"weight\"?)."},
    {CLASS(""), "p.cfg:2: this user class has no tasks."},
    {CLASS("tasks = ();"), "p.cfg:4: tasks is empty."},
    {CLASS("tasks = [1, 2];"), "p.cfg:4: tasks must be a list ( ), not an array [ ]."},
    {CLASS("wait = 5; " TASKS),
     "p.cfg:4: wait must be a group, as in { constant = 2.0; } or { between = [1.0, 3.0]; }."},
    {CLASS("wait = {}; " TASKS),
     "p.cfg:4: wait is empty; write { constant = 1.0; } or { between = [1.0, 3.0]; }."},
    {CLASS("wait = { between = [3.0, 1.0]; }; " TASKS),
     "p.cfg:4: the first time of between is longer than the second; swap them."},
    {CLASS("wait = { between = [1.0]; }; " TASKS),
     "p.cfg:4: between must be two times, as in [1.0, 3.0]."},
    {CLASS("wait = { between = [1, 2]; constant = 1; }; " TASKS),
     "p.cfg:4: wait is either between or constant, not both."},
    {CLASS("wait = { constant = -1; }; " TASKS),
     "p.cfg:4: constant must be from 0 seconds to one year."},
    {CLASS("wait = { constnat = 1; }; " TASKS),
     "p.cfg:4: unknown setting \"constnat\" in wait (did you mean \"constant\"?)."},
    {CLASS("tasks = ( [1, 2] );"), "p.cfg:4: each element must be a group { }, not an array [ ]."},
    {REQUEST(""), "p.cfg:4: this task does nothing; give it a request or steps."},
    {REQUEST("requst = \"GET /\";"),
     "p.cfg:5: unknown setting \"requst\" in a task (did you mean \"request\"?)."},
    {REQUEST("request = \"GET /\";\n steps = ();"),
     "p.cfg:6: a task has either a request or steps, not both.\np.cfg:6: steps is empty."},
    {REQUEST("steps = ();"), "p.cfg:5: steps is empty."},
    {REQUEST("steps = (\n 5 );"),
     "p.cfg:6: a step must be a group, as in { request = \"GET /\"; }."},
    {REQUEST("steps = (\n {\n name = \"x\"; } );"),
     "p.cfg:6: this step does nothing; give it a request, think, loop, parallel, when, restart or "
     "stop."},
    {REQUEST("steps = ( { request = \"GET /\"; weight = 1; } );"),
     "p.cfg:5: unknown setting \"weight\" in a step."},
    {REQUEST("steps = ( { request = \"GET /\"; } ); body = \"x\";"),
     "p.cfg:5: unknown setting \"body\" in a task with steps."},
    {REQUEST("request = \"GET\";"),
     "p.cfg:5: request must be a method and a path, as in \"GET /index.html\", not \"GET\"."},
    {REQUEST("request = \"/\";"),
     "p.cfg:5: request must be a method and a path, as in \"GET /index.html\", not \"/\"."},
    {REQUEST("request = \"get /\";"), "p.cfg:5: \"get\" is not a method (did you mean \"GET\"?)."},
    {REQUEST("request = \"GET /\"; method = \"a b\";"), "p.cfg:5: \"a b\" is not a method."},
    {REQUEST("request = \"GET /\"; method = \"connect\";"),
     "p.cfg:5: the method CONNECT opens a tunnel and cannot be measured."},
    {REQUEST("request = \"GET /\"; headers = (\"X-A\");"),
     "p.cfg:5: a header in a list is \"Name: value\", \"Name;\" for an empty one or \"Name:\" for "
     "one that is not sent."},
    {REQUEST("request = \"GET /\"; headers = (\"X A: 1\");"),
     "p.cfg:5: \"X A\" is not a header name."},
    {REQUEST("request = \"GET /\"; headers = (\"Transfer-Encoding: chunked\");"),
     "p.cfg:5: the header \"Transfer-Encoding\": it can only be \"chunked\", with a body."},
    {REQUEST("request = \"POST /\"; body = \"a\"; headers = (\"Content-Length:\");"),
     "p.cfg:5: the header \"Content-Length\": it is set by the program itself, from the body."},
    {REQUEST("request = \"PUT /\"; headers = (\"Content-Length: 1\");"),
     "p.cfg:5: the header \"Content-Length\": without a body it can only be 0."},
    {REQUEST("request = \"GTE /\";"), "p.cfg:5: \"GTE\" is not a method (did you mean \"GET\"?)."},
    {REQUEST("request = \"G\\x1bT /\";"), "p.cfg:5: \"G\xef\xbf\xbdT\" is not a method."},
    {REQUEST("request = \"GET x\";"), "p.cfg:5: the path \"x\" does not begin with \"/\"."},
    {REQUEST("request = \"GET /a b\";"),
     "p.cfg:5: the path \"/a b\" holds a blank or a control character (write %20 for a blank)."},
    {REQUEST("request = \"GET http://h:0/\";"),
     "p.cfg:5: the port must be a number from 1 to 65535, not \"0\"."},
    {REQUEST("request = \"GET http://u:geheim@h/\";"),
     "p.cfg:5: a user name in a request's URL is not used; give the request auth."},
    {REQUEST("request = \"POST /\"; body = \"x\";\n json = \"{}\";"),
     "p.cfg:6: a request has one body, and body is one already."},
    {REQUEST("request = \"HEAD /\";\n body = \"x\";"), "p.cfg:6: a HEAD request has no body."},
    {REQUEST("request = \"POST /\"; json = { a = 1; };"),
     "p.cfg:5: json must be a string, not a group { }."},
    {REQUEST("request = \"POST /\";\n json = \"{\\\"n\\\": ${int:1:5}\";"),
     "p.cfg:6: this is no JSON: a \"}\" is missing at its end; what is none goes into body."},
    {REQUEST("request = \"POST /\"; json = \"{\\\"code\\\": \\\"a\\nb\\\"}\";"),
     "p.cfg:5: this is no JSON: a line break within quotes is written \\\\n; what is none goes "
     "into "
     "body."},
    {REQUEST("request = \"GET /\"; expect = [200,\n 99];"),
     "p.cfg:6: a status of expect must be a number from 100 to 599, or a class such as \"2xx\"."},
    {REQUEST("request = \"GET /\"; expect = true;"),
     "p.cfg:5: expect must be a status or an array of them, as in [200, 201]."},
    {REQUEST("request = \"GET /\"; expect = [];"),
     "p.cfg:5: expect names no status; leave it out."},
    {REQUEST("request = \"GET /\"; timeout = \"5 sec\";"),
     "p.cfg:5: timeout must be a time such as 5, 2.5, \"500ms\" or \"1m30s\", not \"5 sec\"."},
    {REQUEST("request = \"GET /\"; name = \"\";"), "p.cfg:5: name is empty."},
    {LEVEL("a = { users = \"10\"; };"), "p.cfg:4: users must be a whole number, not a string."},
    {LEVEL("a = { spawn_rate = 1; };"), "p.cfg:4: the level \"a\" has no users."},
    {LEVEL("a = { users = 0; };"), "p.cfg:4: users must be from 1 to 1000000, not 0."},
    {LEVEL("a = { users = 1; user = 2; };"),
     "p.cfg:4: unknown setting \"user\" in a level (did you mean \"users\"?)."},
    {LEVEL("a = { users = 1; spawn_rate = 0; };"),
     "p.cfg:4: spawn_rate must be more than 0 and at most 1000000, not 0."},
    {LEVEL("a = { users = 1; run_time = \"1 minute\"; };"),
     "p.cfg:4: run_time must be a time such as 5, 2.5, \"500ms\" or \"1m30s\", not \"1 minute\"."},
    {LEVEL("a = { users = 1; run_time = 0; };"),
     "p.cfg:4: run_time must be more than 0; leave it out for no end."},
    {LEVEL("a = 3;"), "p.cfg:4: a must be a group { }, not a whole number."},
    {LEVEL("a = { users = 1; };\n a = { users = 2; };"),
     "p.cfg:5: \"a\" is given twice; the first is on line 4."},
    {LEVEL("}; limits = { max_users = 5; }; levels = { b = { users = 6; };"),
     "p.cfg:4: \"levels\" is given twice; the first is on line 3."},
    {T ONE_CLASS "limits = { max_users = 5; };\nlevels = { b = { users = 6; }; };",
     "p.cfg:4: users is more than limits.max_users allows (5)."},
    {T "users = 4294967296;\n", "p.cfg:2: the number 4294967296 is too large."},
    {T "a = 1;\n/* end", "p.cfg:3: the comment that begins here has no end; close it with */."},

    /* names */
    {T ONE_CLASS "variables = 5;", "p.cfg:3: variables must be a group { }, not a whole number."},
    {T ONE_CLASS "variables = { uuid = \"x\"; };",
     "p.cfg:3: \"uuid\" is the name of a generator: choose another."},
    {T ONE_CLASS "variables = { status = 1; };",
     "p.cfg:3: \"status\" means something of its own: choose another name."},
    {T ONE_CLASS "variables = { a = [1, 2]; };", "p.cfg:3: a must be a string, not an array [ ]."},
    {T ONE_CLASS "variables = {\n a = \"${b}\"; b = \"1\"; };",
     "p.cfg:4: the variable \"a\": ${b} is not declared or captured."},
    {T ONE_CLASS "variables = { a = \"${int:5:1}\"; };",
     "p.cfg:3: the variable \"a\": ${int:5:1}: the first number is larger than the second."},
    {T ONE_CLASS "variables = { a = \"${env:RAMPTOP_NONE}\"; };",
     "p.cfg:3: the variable \"a\": ${env:RAMPTOP_NONE} is not set: export RAMPTOP_NONE, or write a "
     "default, as in ${env:NAME:-default}."},
    {T ONE_CLASS "variables = { a = { secrt = \"x\"; }; };",
     "p.cfg:3: unknown setting \"secrt\" in a secret (did you mean \"secret\"?)."},
    {T ONE_CLASS "variables = { a = { }; };",
     "p.cfg:3: a must be a text or { secret = \"env:NAME\"; } or { secret = \"file:PATH\"; }."},
    {T ONE_CLASS "variables = { a = { secret = \"hunter2\"; }; };",
     "p.cfg:3: a secret comes from \"env:NAME\" or \"file:PATH\"."},
    {T ONE_CLASS "feeders = { f = \"x.csv\"; };", "p.cfg:3: f must be a group { }, not a string."},
    {T ONE_CLASS "feeders = { f = { order = \"random\"; }; };",
     "p.cfg:3: the feeder \"f\" has no csv; name a file."},
    {T ONE_CLASS "feeders = { f = { csv = \"/nowhere\"; order = \"rnadom\"; }; };",
     "p.cfg:3: order must be \"sequential\", \"random\" or \"unique\", not \"rnadom\" (did you "
     "mean "
     "\"random\"?)."},
    {T ONE_CLASS "feeders = { f = { csv = \"/nowhere\"; at_end = \"no\"; }; };",
     "p.cfg:3: at_end must be \"wrap\" or \"stop\", not \"no\"."},
    {T ONE_CLASS
     "feeders = { f = { csv = \"/nowhere\"; order = \"random\"; at_end = \"stop\"; }; };",
     "p.cfg:3: a feeder in random order has no end; leave at_end out.\n"
     "p.cfg:3: cannot read /nowhere: No such file or directory."},
    {T ONE_CLASS "feeders = { f = { csv = \"/nowhere\"; delimiter = \"::\"; }; };",
     "p.cfg:3: delimiter must be one character such as \";\"."},
    {T ONE_CLASS "feeders = { f = { csv = \"/tmp\"; }; };", "p.cfg:3: /tmp is no regular file."},
    {T ONE_CLASS "feeders = { f = { csv = \"${uuid}\"; }; };",
     "p.cfg:3: csv must be the same for every user: a generator, a feeder or a secret cannot stand "
     "in it."},
    {REQUEST("request = \"GET /\";\n capture = { uuid = \"body\"; };"),
     "p.cfg:6: \"uuid\" is the name of a generator: choose another."},
    {T "variables = { a = 1; };\n"
       "user_classes = ( { name = \"A\"; tasks = ( {\n"
       " request = \"GET /\"; capture = { a = \"body\"; }; } ); } );",
     "p.cfg:4: \"a\" is already a variable with a fixed value."},
    {REQUEST("request = \"GET /${tokn}\"; capture = { token = \"body\"; };"),
     "p.cfg:5: ${tokn} is not declared or captured (did you mean \"token\"?)."},
    {REQUEST("request = \"GET /\"; headers = {\n X = \"${tok}\"; };"),
     "p.cfg:6: the header \"X\": ${tok} is not declared or captured."},
    {T "headers = { X = \"${tok}\"; };\n"
       "user_classes = ( { name = \"A\"; tasks = (\n"
       " { request = \"GET /\"; }, { request = \"GET /\"; } ); } );",
     "p.cfg:2: the header \"X\", in the user class \"A\": ${tok} is not declared or captured."},
    {T ONE_CLASS "target = \"x\";", "p.cfg:3: \"target\" is given twice; the first is on line 1."},
    {"target = \"http://${uuid}\";\n" ONE_CLASS,
     "p.cfg:1: target must be the same for every user: a generator, a feeder or a secret cannot "
     "stand in it."},
    /* classes */
    {CLASS("fixed_count = 0; " TASKS), "p.cfg:4: fixed_count must be from 1 to 1000000, not 0."},
    {CLASS("fixed_count = 2; weight = 1; " TASKS),
     "p.cfg:4: a user class has either a weight or a fixed_count, not both."},
    {CLASS("host = \"ftp://x\"; " TASKS),
     "p.cfg:4: host: only http and https can be loaded, not \"ftp\"."},
    {CLASS("wait = { pacing = 0; }; " TASKS), "p.cfg:4: pacing must be more than 0."},
    {CLASS("wait = { throughput = 0; }; " TASKS),
     "p.cfg:4: throughput must be more than 0 and at most 1000000, not 0."},
    {CLASS("wait = { exponential = \"x\"; }; " TASKS),
     "p.cfg:4: exponential must be a time such as 5, 2.5, \"500ms\" or \"1m30s\", not \"x\"."},
    {CLASS("wait = { pacing = 1; throughput = 2; }; " TASKS),
     "p.cfg:4: wait is either pacing or throughput, not both."},
    {CLASS("sequence = 1; " TASKS), "p.cfg:4: sequence must be true or false, not a whole number."},
    {CLASS("on_start = { request = \"GET /\"; }; " TASKS),
     "p.cfg:4: on_start must be a list ( ), not a group { }."},
    {CLASS("on_stop = (); " TASKS), "p.cfg:4: on_stop is empty."},
    {REQUEST("request = \"GET /\"; weight = 0;"),
     "p.cfg:5: weight must be from 1 to 10000, not 0."},
    {REQUEST("request = \"GET /\"; tags = 5;"),
     "p.cfg:5: tags must be a string or an array of strings."},
    {REQUEST("request = \"GET /\"; tags = [\"a\", \"\"];"), "p.cfg:5: a tag is empty."},
    {REQUEST("request = \"GET /\"; wait = {};"),
     "p.cfg:5: wait is empty; write { constant = 1.0; } or { between = [1.0, 3.0]; }."},
    /* steps */
    {REQUEST("steps = ( { request = \"GET /\"; think = 1; } );"),
     "p.cfg:5: a step is one thing: this one is request already."},
    {REQUEST("steps = ( { thnik = 1; } );"),
     "p.cfg:5: unknown setting \"thnik\" in a step (did you mean \"think\"?)."},
    {REQUEST("steps = ( { think = [1.0]; } );"),
     "p.cfg:5: think must be a time or two of them, as in [0.5, 2.0]."},
    {REQUEST("steps = ( { think = [2.0, 1.0]; } );"),
     "p.cfg:5: the first time of think is longer than the second; swap them."},
    {REQUEST("steps = ( { think = 1; name = \"x\"; } );"),
     "p.cfg:5: unknown setting \"name\" in a think step."},
    {REQUEST("steps = ( { loop = 0; steps = ( { think = 1; } ); } );"),
     "p.cfg:5: loop must be from 1 to 1000000, not 0."},
    {REQUEST("steps = ( { loop = 2; } );"), "p.cfg:5: this loop has no steps."},
    {REQUEST("steps = ( { loop = 2; step = (); } );"),
     "p.cfg:5: unknown setting \"step\" in a loop (did you mean \"steps\"?)."},
    {REQUEST("steps = ( { loop = 2; steps = ( { think = 0; } ); } );"),
     "p.cfg:5: no time passes in this loop; give it a request or a think."},
    {REQUEST("steps = ( { parallel = ( { request = \"GET /\"; } ); } );"),
     "p.cfg:5: parallel takes 2 to 32 requests, not 1."},
    {REQUEST("steps = ( { parallel = ( { request = \"GET /\"; },\n { think = 1; } ); } );"),
     "p.cfg:6: in parallel there are only requests."},
    {REQUEST("steps = ( { when = \"token == 1\"; steps = ( { stop = true; } ); } );"),
     "p.cfg:5: when: \"token\" is not a variable; a text stands in quotes."},
    {REQUEST("steps = ( { when = \"status = 200\"; steps = ( { stop = true; } ); } );"),
     "p.cfg:5: when: = is not an operator here (did you mean ==?)."},
    {REQUEST("steps = ( { when = \"status == 200\"; } );"), "p.cfg:5: this when has no steps."},
    {REQUEST("steps = ( { when = 1; steps = ( { stop = true; } );\n else = 5; } );"),
     "p.cfg:5: when must be a string, not a whole number.\n"
     "p.cfg:6: else must be a list ( ), not a whole number."},
    {REQUEST("steps = ( { think = 1; } );"),
     "p.cfg:1: there is no request in the profile, or in what is chosen of it."},
    {REQUEST("steps = ( { stop = false; } );"),
     "p.cfg:5: stop can only be true; leave the step out."},
    {REQUEST("steps = ( { restart = false; } );"),
     "p.cfg:5: restart can only be true; leave the step out."},
    {REQUEST("steps = ( { restrat = true; } );"),
     "p.cfg:5: unknown setting \"restrat\" in a step (did you mean \"restart\"?)."},
    {REQUEST("steps = ( { restart = true; stop = true; } );"),
     "p.cfg:5: a step is one thing: this one is restart already."},
    {REQUEST("steps = ( { parallel = ( { request = \"GET /\"; },\n { restart = true; } ); } );"),
     "p.cfg:6: in parallel there are only requests."},
    {CLASS("on_start = ( { request = \"GET /\"; },\n"
           " { when = \"status == 401\"; steps = ( { restart = true; } ); } );\n" TASKS),
     "p.cfg:5: restart stands in a task, not in on_start: that is done again by itself when a "
     "request of it fails."},
    {CLASS(TASKS "on_stop = ( { restart = true; } );"),
     "p.cfg:4: restart stands in a task, not in on_stop."},
    {CLASS(TASKS "restart_on = true;"),
     "p.cfg:4: restart_on must be a status or an array of them, as in [401, 403]."},
    {CLASS(TASKS "restart_on = [];"), "p.cfg:4: restart_on names no status; leave it out."},
    {CLASS(TASKS "restart_on = [401, 40];"),
     "p.cfg:4: a status of restart_on must be a number from 100 to 599, or a class such as "
     "\"4xx\"."},
    {CLASS("tasks = ( { request = \"GET /\"; restart_on = 401; } );"),
     "p.cfg:4: unknown setting \"restart_on\" in a task."},
    /* requests */
    {REQUEST("request = \"GET /\"; max_redirects = 2;"),
     "p.cfg:5: max_redirects needs follow = true;."},
    {REQUEST("request = \"GET /\"; auth = \"Bearer x\";"),
     "p.cfg:5: auth must be { basic = \"user:password\"; }, { bearer = \"token\"; } or false."},
    {REQUEST("request = \"GET /\"; auth = true;"),
     "p.cfg:5: auth must be { basic = \"user:password\"; }, { bearer = \"token\"; } or false."},
    {REQUEST("request = \"GET /\"; auth = { };"),
     "p.cfg:5: auth is empty; write { basic = \"user:password\"; } or { bearer = \"token\"; }, or "
     "false for none."},
    {REQUEST("request = \"GET /\"; auth = { basic = \"a:b\"; bearer = \"t\"; };"),
     "p.cfg:5: auth is either basic or bearer, not both."},
    {REQUEST("request = \"GET /\"; auth = { basic = \"me\"; };"),
     "p.cfg:5: basic must be a name and a password, as in \"user:${password}\"."},
    {REQUEST("request = \"GET /\"; auth = { baerer = \"t\"; };"),
     "p.cfg:5: unknown setting \"baerer\" in auth (did you mean \"bearer\"?)."},
    {T "auth = { bearer = \"${tok}\"; };\n"
       "user_classes = ( { name = \"A\"; tasks = (\n"
       " { request = \"GET /\"; }, { request = \"GET /\"; } ); } );",
     "p.cfg:2: ${tok} is not declared or captured."},
    {REQUEST("request = \"GET /\"; query = { a = [1, 2]; };"),
     "p.cfg:5: a must be a string, not an array [ ]."},
    {REQUEST("request = \"GET /\"; query = { a = \"${x}\"; };"),
     "p.cfg:5: the query value \"a\": ${x} is not declared or captured."},
    {REQUEST("request = \"GET /\"; cookies = { a = \"x\\ny\"; };"),
     "p.cfg:5: the cookie \"a\": a header cannot hold a line break."},
    {REQUEST("request = \"POST /\"; form = \"a=b\";"),
     "p.cfg:5: form must be a group { }, not a string."},
    {REQUEST("request = \"POST /\"; form = { a = \"b\"; };\n payload = 5;"),
     "p.cfg:6: a request has one body, and form is one already."},
    {REQUEST("request = \"POST /\"; payload = \"100x\";"),
     "p.cfg:5: payload must be a number of bytes, or a text such as \"100k\" or \"2M\"."},
    {REQUEST("request = \"POST /\"; payload = \"17G\";"), "p.cfg:5: payload is larger than 16 GB."},
    {REQUEST("request = \"POST /\"; payload = [\"2k\", \"1k\"];"),
     "p.cfg:5: the first size of payload is larger than the second; swap them."},
    {REQUEST("request = \"POST /\"; payload = [1, 2, 3];"),
     "p.cfg:5: payload must be a size or two of them, as in [\"100k\", \"50M\"]."},
    {REQUEST("request = \"POST /\"; file = \"/nowhere\";"),
     "p.cfg:5: cannot read /nowhere: No such file or directory."},
    {REQUEST("request = \"POST /\"; file = \"/tmp\";"), "p.cfg:5: /tmp is no regular file."},
    {REQUEST("request = \"POST /\"; multipart = ();"), "p.cfg:5: multipart is empty."},
    {REQUEST("request = \"POST /\"; multipart = (\n { value = \"x\"; },\n { name = \"x\"; },\n"
             " { name = \"x\"; value = 1; payload = 2; },\n { name = \"x\"; flie = 2; } );"),
     "p.cfg:6: this part has no name.\n"
     "p.cfg:7: this part is empty; give it a value, a file or a payload.\n"
     "p.cfg:8: a part has either a value, a file or a payload; this one has value already.\n"
     "p.cfg:9: unknown setting \"flie\" in a part (did you mean \"file\"?)."},
    {REQUEST("request = \"POST /\"; headers = { Content-Type = \"a\"; };\n"
             " multipart = ( { name = \"x\"; value = 1; } );"),
     "p.cfg:5: the Content-Type of multipart is set by the program itself."},
    /* replies */
    {REQUEST("request = \"GET /\"; expect = \"6xx\";"),
     "p.cfg:5: a status of expect must be a number from 100 to 599, or a class such as \"2xx\"."},
    {REQUEST("request = \"GET /\"; check = 5;"), "p.cfg:5: check must be a group { }, not a whole "
                                                 "number."},
    {REQUEST("request = \"GET /\"; check = { };"),
     "p.cfg:5: this check asks for nothing; give it body_contains, json, header, max_ms ..."},
    {REQUEST("request = \"GET /\"; check = { body_contain = \"x\"; };"),
     "p.cfg:5: unknown setting \"body_contain\" in a check (did you mean \"body_contains\"?)."},
    {REQUEST("request = \"GET /\"; check = { body_matches = \"(\"; };"),
     "p.cfg:5: body_matches: not a regular expression: missing closing parenthesis, at byte 2 of "
     "\"(\"."},
    {REQUEST("request = \"GET /\"; check = { max_ms = 0; };"),
     "p.cfg:5: max_ms must be from 1 to 3600000, not 0."},
    {REQUEST("request = \"GET /\"; check = { min_bytes = \"x\"; };"),
     "p.cfg:5: min_bytes must be a number of bytes, or a text such as \"100k\" or \"2M\"."},
    {REQUEST("request = \"GET /\"; capture = \"json:$.id\";"),
     "p.cfg:5: capture must be a group { }, not a string."},
    {REQUEST("request = \"GET /\"; capture = { a = \"$.id\"; };"),
     "p.cfg:5: the capture \"a\": \"$.id\" is not a source (did you mean \"json:$.id\"?)."},
    {REQUEST("request = \"GET /\"; capture = { a = { pick = \"any\"; from = \"body\"; }; };"),
     "p.cfg:5: pick must be \"first\", \"last\" or \"random\", not \"any\"."},
    {REQUEST("request = \"GET /\"; capture = { a = { }; };"),
     "p.cfg:5: the capture \"a\" has no from, as in \"json:$.id\"."},
    {REQUEST("request = \"GET /\"; retry = { };"),
     "p.cfg:5: retry does not say how often; give it times."},
    {REQUEST("request = \"GET /\"; retry = { times = 0; };"),
     "p.cfg:5: times must be from 1 to 100, not 0."},
    {REQUEST("request = \"GET /\"; retry = { times = 1; on = (\"connct\"); };"),
     "p.cfg:5: what is tried again is a status, a class such as \"5xx\", \"connect\" or "
     "\"timeout\"."},
    {REQUEST("request = \"GET /\"; retry = { times = 1; backoff = [5, 1]; };"),
     "p.cfg:5: the first pause of backoff is longer than the longest; swap them."},
    {REQUEST("request = \"GET /\"; retry = { times = 1; backoff = 1; };"),
     "p.cfg:5: backoff must be an array [ ], not a whole number."},
    /* levels */
    {LEVEL("a = { users = 1; burst = 2; };"),
     "p.cfg:4: a level has either users, stages or a burst; this one has users already."},
    {LEVEL("a = { stages = (); };"), "p.cfg:4: stages is empty."},
    {LEVEL("a = { stages = ( { over = 1; } ); };"), "p.cfg:4: this stage has no users."},
    {LEVEL("a = { stages = ( { users = 1; hodl = 1; } ); };"),
     "p.cfg:4: unknown setting \"hodl\" in a stage (did you mean \"hold\"?)."},
    {LEVEL("a = { stages = ( { users = 0; } ); };"), "p.cfg:4: no stage has a user."},
    {LEVEL("a = { stages = ( { users = 1; hold = 0; } ); };"),
     "p.cfg:4: the stages take no time; give them over or hold."},
    {LEVEL("a = { stages = ( { users = 1; } ); run_time = 5; };"),
     "p.cfg:4: unknown setting \"run_time\" in a level with stages."},
    {LEVEL("a = { burst = 2; repeat = 5; };"),
     "p.cfg:4: repeat needs every: the time from one burst to the next."},
    {LEVEL("a = { burst = 2; every = 5; };"),
     "p.cfg:4: every needs repeat: how many bursts there are."},
    {LEVEL("a = { burst = 2; p95 = [2, 1]; };"),
     "p.cfg:4: what is acceptable as p95 is more than the target asks for; swap the two."},
    {LEVEL("a = { burst = 2; success = 99; };"),
     "p.cfg:4: success is a share of 1: write 0.99 for 99 percent."},
    {LEVEL("a = { users = 2; classes = [\"Editor\"]; };"),
     "p.cfg:4: there is no user class \"Editor\"."},
    {LEVEL("a = { users = 2; classes = { a = 1; }; };"),
     "p.cfg:4: there is no user class \"a\" (did you mean \"A\"?)."},
    {LEVEL("a = { users = 2; classes = { A = 0; }; };"),
     "p.cfg:4: no user class is left: all have weight 0."},
    {LEVEL("a = { users = 2; classes = 5; };"),
     "p.cfg:4: classes must be an array of names or a group of weights, as in [\"reader\"] or "
     "{ reader = 3; writer = 1; }."},
    {T ONE_CLASS "limits = { max_users = 5; };\nlevels = { b = { burst = 6; };\n"
                 " c = { stages = ( { users = 7; } ); }; };",
     "p.cfg:4: burst is more than limits.max_users allows (5).\n"
     "p.cfg:5: users is more than limits.max_users allows (5)."},
    /* goals and limits */
    {T ONE_CLASS "goals = ( { p95 = 1; } );",
     "p.cfg:3: this goal has no endpoints, as in [\"GET /api/*\"]."},
    {T ONE_CLASS "goals = ( { endpoints = \"GET /\"; } );",
     "p.cfg:3: this goal asks for nothing; give it p95, success ..."},
    {T ONE_CLASS "goals = ( { endpoints = \"GET /x\"; p95 = 1; } );",
     "p.cfg:3: no endpoint is named \"GET /x\"; they are a method and a name, as in \"GET /\"."},
    {T ONE_CLASS "goals = ( { endpoints = \"*\"; p59 = 1; } );",
     "p.cfg:3: unknown setting \"p59\" in a goal (did you mean \"p50\"?)."},
    {T ONE_CLASS "goals = ( { endpoints = \"*\"; average = [1, 2, 3]; } );",
     "p.cfg:3: average must be one value or two, [target, acceptable]."},
    {T ONE_CLASS "goals = ( { endpoints = \"*\"; throughput = ( { at = 1; } ); } );",
     "p.cfg:3: throughput needs both, as in { at = 10; rps = 50.0; }."},
    {T ONE_CLASS "rate_limits = ( { request = \"GET /\"; } );",
     "p.cfg:3: this limit does not say after how many requests; give it after."},
    {T ONE_CLASS "rate_limits = ( { after = 5; } );",
     "p.cfg:3: this limit has no request, as in \"POST /login\"."},
    {T ONE_CLASS "rate_limits = ( { request = \"GET /\"; after = [6, 4]; } );",
     "p.cfg:3: the first number of after is larger than the second; swap them."},
    {T ONE_CLASS "rate_limits = ( { request = \"GET /\"; after = 5; class = \"Editor\"; } );",
     "p.cfg:3: there is no user class \"Editor\"."},
    {T ONE_CLASS "rate_limits = ( { request = \"GET /\"; after = 5; max_requests = 5; } );",
     "p.cfg:3: max_requests must be more than after, or the limit is never seen."},
    {T ONE_CLASS "rate_limits = ( { request = \"GET /\"; after = 5; per = \"ip\"; } );",
     "p.cfg:3: per must be \"user\" or \"address\", not \"ip\"."},
    {T ONE_CLASS "rate_limits = ( { request = \"GET /\"; after = 5; status = 200; } );",
     "p.cfg:3: status must be from 400 to 599, not 200."},
    {T "user_classes = ( { name = \"A\"; auth = true; " TASKS " }, { name = \"B\"; " TASKS " } );\n"
       "rate_limits = ( { request = \"GET /\"; after = 5; },\n"
       " { class = \"A\"; request = \"GET /\"; after = 5; } );",
     "p.cfg:2: auth must be { basic = \"user:password\"; }, { bearer = \"token\"; } or false.\n"
     "p.cfg:3: this limit has no class: which user is it that asks?"},
    {T ONE_CLASS "probes = {};", "p.cfg:3: probes must be a list ( ), not a group { }."},
    {T ONE_CLASS "probes = ( { } );", "p.cfg:3: a probe needs a type, as in type = \"docker\";."},
    {T ONE_CLASS "probes = ( { type = \"dokcer\"; } );",
     "p.cfg:3: type must be \"docker\", \"postgres\", \"pgbouncer\", \"process\", \"host\", "
     "\"redis\", \"nginx\", \"prometheus\", \"promql\" or \"command\", not \"dokcer\" (did you "
     "mean \"docker\"?)."},
    {T ONE_CLASS "probes = ( { type = \"docker\"; mach = \"a\"; } );",
     "p.cfg:3: unknown setting \"mach\" in this probe (did you mean \"match\"?)."},
    {T ONE_CLASS "probes = ( { type = \"postgres\"; dsn = \"host=a password=geheim\"; } );",
     "p.cfg:3: a password does not belong into a conninfo, where others can see it: use password "
     "= { secret = \"env:NAME\"; }, PGPASSWORD, ~/.pgpass or service=."},
    {T ONE_CLASS "probes = ( { type = \"redis\";\n password = \"geheim\"; } );",
     "p.cfg:4: password must be { secret = \"env:NAME\"; } or { secret = \"file:PATH\"; }, so that "
     "it stands in no file that others read."},
    {T ONE_CLASS "probes = ( { type = \"postgres\"; pools = (\n { max = 20; } ); } );",
     "p.cfg:4: a pool needs one of user, application, address and database, by which its sessions "
     "are known."},
    {T ONE_CLASS "probes = ( { type = \"process\"; pid = 1; port = 80; } );",
     "p.cfg:3: a process probe needs one of pid, process (its name) and port (where it listens)."},
    {T ONE_CLASS "probes = ( { type = \"host\"; period = 0.05;\n warn = [\"cpu\"]; } );",
     "p.cfg:3: period must be at least 100 ms.\n"
     "p.cfg:4: \"cpu\" is no threshold; write \"connections >= 15\" or \"api/cpu > 70\"."},
    {T ONE_CLASS
     "probes = ( { type = \"process\"; port = 80;\n warn = [\"memroy > 5\", \"mem* > 5\"]; "
     "} );",
     "p.cfg:4: \"memroy\" is no series of this process probe (did you mean \"memory\"?)."},
    {T ONE_CLASS
     "probes = ( { type = \"promql\"; url = \"http://h\"; warn = [\"b > 1\", \"a > 1\"];\n"
     " series = ( { query = \"up\"; name = \"a\"; } ); } );",
     "p.cfg:3: \"b\" is no series of this promql probe."},
    {T ONE_CLASS "probes = ( { type = \"promql\"; url = \"http://h\"; series = (\n { name = \"a\"; "
                 "} ); } );",
     "p.cfg:4: a series needs a query."},
    {T ONE_CLASS "probes = ( { type = \"command\"; } );",
     "p.cfg:3: a command probe needs a command."},
    {T ONE_CLASS "probes = ( { type = \"process\"; prot = 80; } );",
     "p.cfg:3: unknown setting \"prot\" in this probe (did you mean \"port\"?)."},
    {T ONE_CLASS "probes = ( { type = \"command\"; argv = [\"a\"]; } );",
     "p.cfg:3: unknown setting \"argv\" in this probe (did you mean \"command\"?)."},
    {T ONE_CLASS "probes = ( { type = \"command\"; run = [\"a\"]; } );",
     "p.cfg:3: unknown setting \"run\" in this probe (did you mean \"command\"?)."},
    {T ONE_CLASS "probes = ( { type = \"host\"; host = \"box\"; },\n"
                 " { type = \"redis\"; host = \"box\"; } );",
     "p.cfg:3: unknown setting \"host\" in this probe (did you mean \"ssh\"?).\n"
     "p.cfg:4: unknown setting \"host\" in this probe (did you mean \"address\"?)."},
    {T ONE_CLASS "probes = ( { type = \"host\";\n warn = [\"cpu => 70\", \" > 70\", \"/cpu > 7\"]; "
                 "} );",
     "p.cfg:4: \"cpu => 70\" is no threshold; write \"connections >= 15\" or \"api/cpu > 70\".\n"
     "p.cfg:4: \" > 70\" is no threshold; write \"connections >= 15\" or \"api/cpu > 70\".\n"
     "p.cfg:4: \"/cpu > 7\" is no threshold; write \"connections >= 15\" or \"api/cpu > 70\"."},
    /* A variable as other programs write it. */
    {REQUEST("request = \"GET /items/{id}\";"),
     "p.cfg:5: \"{id}\" is sent as it stands; a variable is written ${id}, and braces that are "
     "meant %7B and %7D."},
    {REQUEST("request = \"GET /items/{{item_id}}/x\";"),
     "p.cfg:5: \"{{item_id}}\" is sent as it stands; a variable is written ${item_id}, and braces "
     "that are meant %7B and %7D."},
    {"variables = { id = \"${int:1:9}\"; };\n" REQUEST("request = \"GET /items/$id\";"),
     "p.cfg:6: \"$id\" is sent as it stands; a variable is written ${id}."},
    {"variables = { id = \"${int:1:9}\"; };\n" REQUEST("request = \"GET /items/:id/parts\";"),
     "p.cfg:6: \":id\" is sent as it stands; a variable is written ${id}."},
    {"variables = { id = \"${int:1:9}\"; };\n" REQUEST("request = \"GET /items?id={id}\";"),
     "p.cfg:6: \"{id}\" is sent as it stands; a variable is written ${id}."},
    /* A value that never comes. */
    {CLASS("on_start = ( { request = \"POST /login\"; headers = { X = \"${token}\"; };\n"
           " capture = { token = \"json:$.t\"; }; } );" TASKS),
     "p.cfg:4: ${token} can never have a value here: no request before this one in on_start "
     "captures it."},
    {CLASS("on_start = ( { request = \"POST /login\"; auth = { bearer = \"${token}\"; };\n"
           " capture = { token = \"json:$.t\"; }; } );" TASKS),
     "p.cfg:4: ${token} can never have a value here: no request before this one in on_start "
     "captures it."},
    {CLASS("on_start = (\n { request = \"GET /b?c=${csrf}\"; },\n"
           " { request = \"GET /a\"; capture = { csrf = \"json:$.c\"; }; } );" TASKS),
     "p.cfg:5: ${csrf} can never have a value here: no request before this one in on_start "
     "captures it."},
    {CLASS("on_start = ( { parallel = (\n"
           " { request = \"GET /a\"; capture = { a = \"json:$.a\"; }; },\n"
           " { request = \"GET /b/${a}\"; } ); } );" TASKS),
     "p.cfg:6: ${a} can never have a value here: no request before this one in on_start captures "
     "it."},
    {CLASS("on_stop = ( { request = \"GET /bye\"; capture = { last = \"json:$.l\"; }; } );\n"
           "tasks = ( { request = \"GET /x/${last}\"; } );"),
     "p.cfg:5: ${last} can never have a value here: only on_stop captures it, when all else is "
     "over."},
    {T ONE_CLASS "probes = ( { type = \"host\"; ssh = \"-oProxyCommand=x\"; } );",
     "p.cfg:3: a host cannot begin with '-'."},
};

static char *joined(const struct problems *problems)
{
    char *all = mem_strdup("");
    for (size_t i = 0; i < problems->n; i++) {
        char *longer = mem_printf("%s%s%s", all, i > 0 ? "\n" : "", problems->lines[i]);
        free(all);
        all = longer;
    }
    return all;
}

START_TEST(a_wrong_profile_says_where_and_what)
{
    struct problems problems = {0};
    ck_assert_ptr_null(
        profile_parse("p.cfg", wrong[_i].text, strlen(wrong[_i].text), NULL, &problems));
    char *all = joined(&problems);
    ck_assert_str_eq(all, wrong[_i].messages);
    free(all);
    problems_finish(&problems);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof *(array))

int main(void)
{
    Suite *s = suite_create("wrong");
    TCase *tc = tcase_create("profiles");
    tcase_add_loop_test(tc, a_wrong_profile_says_where_and_what, 0, COUNT(wrong));
    suite_add_tcase(s, tc);
    return unit_run(s);
}
