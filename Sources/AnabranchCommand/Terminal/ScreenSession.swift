internal import Anabranch
internal import Foundation

/// Somebody at the terminal, the screen that they see, and the replica that it is read from.
actor ScreenSession {
  private enum Event: Sendable {
    case terminal(ScreenTerminal.Event)
    case answer(ScreenAnswer, ScreenReading)
    /// The replica turned out to be damaged.
    case damage(any Error)
  }

  private let terminal: ScreenTerminal
  private let reader: ScreenReader
  private let isColored: Bool
  private var screen = Screen()
  /// What the terminal shows; nil where nobody knows.
  private var drawn: Frame?
  /// When it was to be stopped last, and how long that takes at most.
  private var suspended = ContinuousClock.now
  private static let stopTime = Duration.milliseconds(500)
  private let events: AsyncStream<Event>
  private let tell: AsyncStream<Event>.Continuation

  init(_ terminal: ScreenTerminal, _ reader: ScreenReader, isColored: Bool) {
    (self.terminal, self.reader, self.isColored) = (terminal, reader, isColored)
    (events, tell) = AsyncStream.makeStream()
  }

  /// Shows the screen until somebody ends it, and returns the status to end with. The terminal is put back in any case.
  ///
  /// What is wrong with the replica is thrown before anything is drawn, or when it is met.
  func run() async throws -> Int32 {
    screen.begin(with: try await reader.newest(Screen.pageEntries))
    defer { terminal.leave() }
    try terminal.enter()
    let tell = tell
    terminal.listen { tell.yield(.terminal($0)) }
    defer { terminal.stopListening() }
    screen.resize(terminal.size)
    try show()
    for await event in events {
      if let status = try take(event) { return status }
      try show()
    }
    return ExitStatus.done
  }

  /// Draws what has changed, and has read what the screen wants.
  private func show() throws {
    if let reading = screen.next() {
      let (reader, tell) = (reader, tell)
      Task {
        do {
          tell.yield(.answer(try await reader.answer(reading), reading))
        } catch {
          tell.yield(.damage(error))
        }
      }
    }
    guard terminal.isEntered else { return }
    let frame = screen.frame
    guard frame != drawn else { return }
    let drawing = frame.drawing(after: drawn, isColored: isColored)
    // Until all of it is written, nobody knows.
    drawn = nil
    try Output.draw(drawing)
    drawn = frame
  }

  /// Takes what happened; returns the status to end with, where that is the end.
  private func take(_ event: Event) throws -> Int32? {
    switch event {
    case .answer(let answer, let reading): screen.take(answer, for: reading)
    case .damage(let error): throw error
    case .terminal(.quiet):
      screen.tick()
      // It was not stopped, or it is in the foreground again.
      if !terminal.isEntered, ContinuousClock.now - suspended > Self.stopTime { try goOn() }
    case .terminal(.isResized): screen.resize(terminal.size)
    case .terminal(.continues): try goOn()
    case .terminal(.signal(SIGTSTP)): suspend()
    case .terminal(.signal(let number)): return Self.status(of: number)
    case .terminal(.isGone): return Self.status(of: SIGHUP)
    case .terminal(.keys(let keys)):
      for key in keys {
        switch screen.press(key) {
        case .ends: return ExitStatus.done
        case .isBrokenOff: return ExitStatus.interrupted
        case .isSuspended: suspend()
        case .goesOn: if key == .control("l") { drawn = nil }
        }
      }
    }
    return nil
  }

  private func suspend() {
    suspended = .now
    terminal.suspend()
  }

  /// Puts the screen up again, whatever was on the terminal meanwhile.
  private func goOn() throws {
    try terminal.enter()
    screen.resize(terminal.size)
    drawn = nil
  }

  /// As a shell reports a program that a signal ended.
  private static func status(of number: Int32) -> Int32 { 128 + number }
}
