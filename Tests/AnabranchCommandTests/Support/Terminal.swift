import Testing

/// A terminal in which a program runs and a person types.
enum Terminal {
  /// Makes `terminal` a command of the shell in `place`: `terminal PROMPT ANSWER PROGRAM ARGUMENT…` runs the program in a terminal
  /// of its own, types the answer once the prompt has shown, shows what it says, and ends as it does. `talk` is the same for several
  /// prompts, one after the other: `talk [PROMPT ANSWER]… -- PROGRAM ARGUMENT…`.
  static func prepare(in place: Workplace) throws -> String {
    let path = try place.write(
      """
      import os, pty, sys
      end = sys.argv.index("--")
      words, program = [word.encode() for word in sys.argv[1:end]], sys.argv[end + 1:]
      child, terminal = pty.fork()
      if child == 0:
          os.execvp(program[0], program)
      said = b""
      while True:
          try:
              data = os.read(terminal, 4096)
          except OSError:
              data = b""
          if not data:
              break
          said += data
          sys.stdout.buffer.write(data)
          sys.stdout.buffer.flush()
          if words and words[0] and words[0] in said:
              os.write(terminal, words[1] + b"\\n")
              said = said.partition(words[0])[2]
              words = words[2:]
      sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
      """, to: "terminal.py")
    return """
      export TERM=dumb
      talk() { python3 \(path) "$@"; }
      terminal() { talk "$1" "$2" -- "${@:3}"; }
      # The code that a command shows whose output goes to that file; nothing where it shows none for long.
      code() {
        for try in {1..400}; do
          grep -aoE '[a-z2-7]{4}(-[a-z2-7]{4}){13}@[0-9.:]+' "$1" | head -1 | grep . && break
          sleep 0.05
        done
      }
      """
  }
}
