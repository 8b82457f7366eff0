# What a person types. The work is done by the scripts in Scripts/, which can be run by hand too.

PREFIX ?= /usr/local
DESTDIR ?=
export PREFIX DESTDIR

.PHONY: help demo test bench build install lint format
.DEFAULT_GOAL := help

help:
	@echo 'make demo                   three replicas in a temporary folder, diverging and merging'
	@echo 'make test                   all tests'
	@echo 'make bench                  what a replica costs, beside other engines; needs an idle machine'
	@echo 'make build                  the command, for debugging, at .build/debug/anabranch'
	@echo 'make install [PREFIX=DIR]   the command, for use, in PREFIX/bin (PREFIX is $(PREFIX))'
	@echo 'make lint                   is every Swift file formatted as it should be?'
	@echo 'make format                 formats every Swift file'
	@echo
	@echo 'Whatever is missing is installed, or you are told how to get it.'

demo: build
	@.build/debug/anabranch demo

test:
	@Scripts/test

bench:
	@Scripts/bench

build:
	@Scripts/build debug

install:
	@Scripts/install

lint:
	@Scripts/format check

format:
	@Scripts/format apply
