"""black formats a line."""

import black


def main():
    print(black.format_str("def  f( a,b ):\n  return {'a':a,\n 'b':b}\n", mode=black.Mode()), flush=True)


if __name__ == "__main__":
    main()
