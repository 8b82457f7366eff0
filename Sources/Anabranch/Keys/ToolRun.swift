#if os(Linux)
  #if canImport(Musl)
    internal import Musl
  #else
    internal import Glibc
  #endif

  /// One run of another program, which gets a secret or gives one: it blocks, and never for longer than it may.
  struct ToolRun {
    let program: String
    let arguments: [String]
    let environment: [String: String]
    let patience: Duration

    /// How it ended.
    struct Result {
      /// Its exit status; -1 where a signal ended it.
      var status: Int32
      /// What it wrote to standard output; the caller overwrites it.
      var output: [UInt8]
      /// The beginning of what it wrote to standard error, as one line.
      var complaint: String
    }

    /// Bytes of input, and of each output: more than any secret here has.
    static let bytesMax = 4_096
    private static let pollMs: Int32 = 10

    /// Runs it with `input`, at most ``bytesMax``.
    ///
    /// Throws ``AnabranchError/Code/noKeyring`` where it cannot be started, says too much, or does not end in time: then it is
    /// killed.
    func run(input: [UInt8]) throws(AnabranchError) -> Result {
      precondition(input.count <= Self.bytesMax)
      let (stdin, stdout, stderr) = (try Pipe(), try Pipe(), try Pipe())
      // Before there is anybody who might not read it: a pipe takes that much by itself.
      guard input.isEmpty || write(stdin.writer, input, input.count) == input.count else { throw failed(errno) }
      let process = try start(stdin, stdout, stderr)
      for pipe in [stdout, stderr] { pipe.closeWriter() }
      stdin.closeWriter()
      stdin.closeReader()
      return try watch(process, stdout, stderr)
    }

    private func start(_ stdin: Pipe, _ stdout: Pipe, _ stderr: Pipe) throws(AnabranchError) -> pid_t {
      var actions = posix_spawn_file_actions_t()
      posix_spawn_file_actions_init(&actions)
      defer { posix_spawn_file_actions_destroy(&actions) }
      posix_spawn_file_actions_adddup2(&actions, stdin.reader, STDIN_FILENO)
      posix_spawn_file_actions_adddup2(&actions, stdout.writer, STDOUT_FILENO)
      posix_spawn_file_actions_adddup2(&actions, stderr.writer, STDERR_FILENO)
      // What this process ignores or has blocked is no matter of that one's.
      var attributes = posix_spawnattr_t()
      posix_spawnattr_init(&attributes)
      defer { posix_spawnattr_destroy(&attributes) }
      var (defaults, mask) = (sigset_t(), sigset_t())
      sigemptyset(&mask)
      sigemptyset(&defaults)
      for number in [SIGINT, SIGTERM, SIGPIPE, SIGHUP] { sigaddset(&defaults, number) }
      posix_spawnattr_setsigdefault(&attributes, &defaults)
      posix_spawnattr_setsigmask(&attributes, &mask)
      posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

      let argv = Self.strings([program] + arguments)
      let envp = Self.strings(environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
      defer { for pointer in argv + envp { free(pointer) } }
      var process: pid_t = 0
      let code = posix_spawn(&process, program, &actions, &attributes, argv, envp)
      guard code == 0 else { throw failed(code) }
      return process
    }

    /// Copies of `texts` on the heap, and nil behind them.
    private static func strings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
      texts.map { strdup($0) } + [nil]
    }

    private func watch(_ process: pid_t, _ stdout: Pipe, _ stderr: Pipe) throws(AnabranchError) -> Result {
      let start = ContinuousClock.now
      var (output, complaint): ([UInt8], [UInt8]) = ([], [])
      // Nothing of it is left behind where it grows.
      output.reserveCapacity(Self.bytesMax)
      var status: Int32 = 0
      var hasEnded = false
      var fault: String?
      while !hasEnded {
        // It may leave others behind that keep its pipes open, so its own end is what counts.
        let ended = waitpid(process, &status, WNOHANG)
        hasEnded = ended == process || (ended < 0 && errno != EINTR)
        if ended < 0 { status = -1 }
        let fits = stdout.drain(into: &output, max: Self.bytesMax) && stderr.drain(into: &complaint, max: Self.bytesMax)
        if fault == nil, !fits || (!hasEnded && start.duration(to: .now) > patience) {
          fault = fits ? "did not answer within \(patience)" : "said far more than it should"
          if !hasEnded { kill(process, SIGKILL) }
        }
        if !hasEnded { poll(nil, 0, Self.pollMs) }
      }
      if let fault {
        wipe(&output)
        throw AnabranchError(
          .noKeyring, "the system's keyring \(fault), so \(program) was ended",
          remedy: "open the keyring first; on a machine without a desktop, use a passphrase instead")
      }
      let line =
        String(decoding: complaint, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
      let hasExited = status & 0x7f == 0
      return Result(status: hasExited ? status >> 8 & 0xff : -1, output: output, complaint: line)
    }

    private func failed(_ number: Int32) -> AnabranchError {
      AnabranchError(
        .noKeyring, "\(program) cannot be run: \(String(cString: strerror(number)))",
        remedy: "install it (Debian and Ubuntu: apt install libsecret-tools)")
    }
  }

  /// A pipe that no other program inherits by accident.
  private final class Pipe {
    private(set) var reader: Int32
    private(set) var writer: Int32

    init() throws(AnabranchError) {
      var ends: [Int32] = [-1, -1]
      guard pipe(&ends) == 0 else {
        throw AnabranchError(.io, "no pipe can be made: \(String(cString: strerror(errno)))")
      }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      (reader, writer) = (ends[0], ends[1])
    }

    deinit {
      closeReader()
      closeWriter()
    }

    func closeReader() {
      if reader >= 0 { close(reader) }
      reader = -1
    }

    func closeWriter() {
      if writer >= 0 { close(writer) }
      writer = -1
    }

    /// Adds what is there by now; false where that is more than `max` bytes in all.
    func drain(into bytes: inout [UInt8], max: Int) -> Bool {
      var asked = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
      while poll(&asked, 1, 0) > 0, asked.revents & Int16(POLLIN) != 0 {
        var piece = [UInt8](repeating: 0, count: 512)
        defer { wipe(&piece) }
        let count = read(reader, &piece, piece.count)
        guard count > 0 else { return true }
        guard bytes.count + count <= max else { return false }
        bytes += piece[..<count]
      }
      return true
    }
  }
#endif
