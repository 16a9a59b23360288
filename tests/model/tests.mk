# Models of what threads share, tried by Spin in every interleaving.
TESTS += tests/model/ring.sh
EXTRA_DIST += tests/model/ring.sh tests/model/ring.pml
