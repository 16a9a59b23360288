# What no compiler looks at: layers, headers, manual, completions, scripts.
LINT_TESTS = \
	tests/lint/banned.sh \
	tests/lint/completions.sh \
	tests/lint/hardening.sh \
	tests/lint/headers.sh \
	tests/lint/layers.sh \
	tests/lint/man.sh \
	tests/lint/names.sh \
	tests/lint/scripts.sh \
	tests/lint/tree.sh
TESTS += $(LINT_TESTS)
EXTRA_DIST += $(LINT_TESTS) tests/lint/strip.awk
