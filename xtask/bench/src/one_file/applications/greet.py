"""Says hello, as the smallest command does."""

import argparse


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", default="world")
    print("hello,", parser.parse_args().name, flush=True)


if __name__ == "__main__":
    main()
