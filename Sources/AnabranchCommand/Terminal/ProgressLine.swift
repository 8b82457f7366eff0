internal import Anabranch
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
    /// How far each piece of the work is, where several go on at the same time.
    var parts: [WorkProgress] = []
  }

  private static let interval = 0.1

  init(_ label: String) {
    self.label = label
    isShown = isatty(STDERR_FILENO) == 1
  }

  /// Shows how far the work is, in `unit`s or else in percent, unless the line was written a moment ago.
  func show(_ progress: WorkProgress, _ unit: String? = nil) {
    guard isShown else { return }
    state.withLock { state in
      let now = Date()
      guard state.last.map({ now.timeIntervalSince($0) >= Self.interval }) ?? true else { return }
      state.last = now
      state.isOpen = true
      let share = progress.total <= 0 ? 1 : min(max(Double(progress.done) / Double(progress.total), 0), 1)
      let filled = Int(share * 20)
      let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
      let detail = unit.map { "\(progress.done) of \(progress.total) \($0)" } ?? "\(Int(share * 100)) %"
      Self.draw("\(label) \(bar) \(detail)")
    }
  }

  /// The same, of so many units.
  func show(_ done: UInt64, of total: UInt64, _ unit: String) {
    show(WorkProgress(done: Int64(clamping: done), total: Int64(clamping: total)), unit)
  }

  /// A piece of work that goes on beside others: tells the line how far it is, which shows what is done of all of them, in `unit`s.
  func part(_ unit: String) -> @Sendable (_ done: UInt64, _ total: UInt64) -> Void {
    let index = state.withLock { state in
      state.parts.append(WorkProgress(done: 0, total: 0))
      return state.parts.count - 1
    }
    return { done, total in
      let parts = self.state.withLock { state in
        state.parts[index] = WorkProgress(done: Int64(clamping: done), total: Int64(clamping: total))
        return state.parts
      }
      func sum(_ values: [Int64]) -> UInt64 { values.reduce(0) { $0 + UInt64(clamping: $1) } }
      self.show(sum(parts.map(\.done)), of: sum(parts.map(\.total)), unit)
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
