internal import Anabranch
internal import Foundation
internal import Synchronization

/// The terminal that a screen is drawn on: its other page, without echo, and key by key; put back on every way out.
///
/// Nothing but I/O: bytes that come are made keys by ``KeyParser``, and what is drawn is a ``Frame``'s. One at a time.
final class ScreenTerminal: Sendable {
  /// What the terminal, or the system, says.
  enum Event: Sendable {
    case keys([Key])
    /// Nothing came for a second.
    case quiet
    case isResized
    /// The program was stopped, and goes on.
    case continues
    /// A signal that asks the program to end, or to stop.
    case signal(Int32)
    /// There is no terminal any more.
    case isGone
  }

  /// How the terminal was before; nil as long as it is so.
  private let before = Mutex<termios?>(nil)
  /// Where signals come out that handlers have written into the other end.
  private let signals: Int32

  /// A beginning of a key after which nothing comes for so long is the escape key.
  private static let escapeMs: Int32 = 50
  private static let quietMs: Int32 = 1_000
  private static let handled = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH]
  private static let told = Atomic<Int32>(-1)
  /// What a handler never writes: the end.
  private static let end: UInt8 = 0

  /// Throws where standard input and output are no terminal, or one that cannot move its cursor.
  init() throws(AnabranchError) {
    let kind = ProcessInfo.processInfo.environment["TERM"] ?? ""
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, kind != "dumb" else {
      throw AnabranchError(
        .invalid,
        kind == "dumb" ? "expected a terminal that moves its cursor, got a dumb one" : "expected a terminal to draw on",
        remedy: "use `anabranch inspect log --graph` for text, or with --json for a program")
    }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw AnabranchError(writing: "a pipe", errno) }
    for descriptor in ends {
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }
    signals = ends[0]
    Self.told.store(ends[1], ordering: .relaxed)
  }

  /// Rows and columns it has now.
  var size: ScreenSize {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 else { return .standard }
    return ScreenSize(rows: Int(size.ws_row), columns: Int(size.ws_col))
  }

  /// Whether the screen is up.
  var isEntered: Bool { before.withLock { $0 != nil } }

  /// Puts the screen up, where the program is not in the background. Does nothing where it is up.
  func enter() throws(AnabranchError) {
    guard tcgetpgrp(STDIN_FILENO) == getpgrp(), !isEntered else { return }
    var modes = termios()
    guard tcgetattr(STDIN_FILENO, &modes) == 0 else { throw AnabranchError(writing: "the terminal", errno) }
    before.withLock { $0 = modes }
    for number in Self.handled { Self.handle(number) }
    modes.c_iflag &= ~tcflag_t(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON)
    // The keys that would send signals are keys here.
    modes.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG | IEXTEN)
    withUnsafeMutableBytes(of: &modes.c_cc) { ($0[Int(VMIN)], $0[Int(VTIME)]) = (1, 0) }
    guard tcsetattr(STDIN_FILENO, TCSADRAIN, &modes) == 0 else { throw AnabranchError(writing: "the terminal", errno) }
    // The other page, no cursor, no wrapping at the end of a line.
    try Output.draw("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l")
  }

  /// Puts everything back as it was. Does nothing where that is done.
  func leave() {
    guard
      var modes = before.withLock({ before in
        defer { before = nil }
        return before
      })
    else { return }
    try? Output.draw("\u{1B}[0m\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l")
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &modes)
  }

  /// Puts everything back and has the program stopped, as Ctrl-Z does elsewhere, with those that were started with it: they may
  /// wait for it. It may run on for a moment; when it goes on, ``Event/continues`` says so. One that nobody could
  /// have go on, since no shell began it, is not stopped.
  func suspend() {
    leave()
    signal(SIGTSTP, SIG_DFL)
    kill(0, SIGTSTP)
  }

  private static func handle(_ number: Int32) {
    signal(number) { number in
      let saved = errno
      var byte = UInt8(truncatingIfNeeded: number)
      _ = write(ScreenTerminal.told.load(ordering: .relaxed), &byte, 1)
      errno = saved
    }
  }

  // MARK: What comes

  /// Says what comes, on a thread of its own, until ``stopListening()``.
  func listen(_ say: @escaping @Sendable (Event) -> Void) {
    Thread.detachNewThread { [self] in
      var parser = KeyParser()
      while let events = hear(&parser) { events.forEach(say) }
    }
  }

  /// Ends that thread.
  func stopListening() {
    var byte = Self.end
    _ = write(Self.told.load(ordering: .relaxed), &byte, 1)
  }

  /// Waits for what comes next; nil at the end.
  private func hear(_ parser: inout KeyParser) -> [Event]? {
    var asked = [
      pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
      pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
    ]
    // In the background the keys are somebody else's.
    let count = nfds_t(isEntered ? 2 : 1)
    let ready = poll(&asked, count, parser.isWaiting ? Self.escapeMs : Self.quietMs)
    guard ready > 0 else {
      guard ready == 0 else { return errno == EINTR ? [] : [.isGone] }
      guard parser.isWaiting else { return [.quiet] }
      return parser.rest().map { [.keys([$0])] } ?? []
    }
    if asked[0].revents != 0 {
      let numbers = Self.read(signals) ?? []
      return numbers.contains(Self.end) ? nil : numbers.map { Self.event(of: Int32($0)) }
    }
    guard let bytes = Self.read(STDIN_FILENO) else { return [.isGone] }
    return [.keys(bytes.compactMap { parser.take($0) })]
  }

  private static func event(of number: Int32) -> Event {
    switch number {
    case SIGWINCH: .isResized
    case SIGCONT: .continues
    default: .signal(number)
    }
  }

  /// What is there to be read; nil at the end.
  private static func read(_ descriptor: Int32) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 1_024)
    let count = Foundation.read(descriptor, &bytes, bytes.count)
    if count > 0 { return Array(bytes[..<count]) }
    return count < 0 && (errno == EINTR || errno == EAGAIN) ? [] : nil
  }
}
