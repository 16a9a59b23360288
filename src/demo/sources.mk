libdemo_a_SOURCES = src/demo/demo.c src/demo/demo.h
