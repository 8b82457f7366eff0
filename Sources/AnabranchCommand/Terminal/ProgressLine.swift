internal import Foundation
internal import Synchronization

/// One line on standard error that is written over as work goes on. Silent where standard error is no terminal.
final class ProgressLine: Sendable {
  private let label: String
  private let isShown: Bool
  private let state = Mutex(State())

  private struct State {
    var last: Date?
    var isOpen = false
  }

  private static let interval = 0.1

  init(_ label: String) {
    self.label = label
    isShown = isatty(STDERR_FILENO) == 1
  }

  /// Shows that `done` of `total` is reached, unless the line was written a moment ago.
  func show(_ done: UInt64, of total: UInt64, _ detail: String = "") {
    guard isShown else { return }
    state.withLock { state in
      let now = Date()
      guard state.last.map({ now.timeIntervalSince($0) >= Self.interval }) ?? true else { return }
      state.last = now
      state.isOpen = true
      let share = total == 0 ? 0 : min(Int(Double(done) / Double(total) * 20), 20)
      let bar = String(repeating: "█", count: share) + String(repeating: "░", count: 20 - share)
      Self.draw("\(label) \(bar) \(detail)")
    }
  }

  private static func draw(_ text: String) {
    try? Output.write(Array("\r\u{1B}[K\(text)".utf8), to: STDERR_FILENO, called: "progress")
  }

  /// Removes the line.
  func clear() {
    state.withLock { state in
      if state.isOpen { Self.draw("") }
      state.isOpen = false
    }
  }
}
