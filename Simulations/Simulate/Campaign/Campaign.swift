internal import Foundation
internal import SimulationKit
internal import Synchronization

/// Many runs, shared out among processes.
final class Campaign: Sendable {
  /// How a run failed.
  struct Failure {
    let seed: UInt64
    let reason: String
  }

  /// What all that share the work change.
  private struct Progress {
    var next: UInt64
    var report = CampaignReport()
  }

  private let seeds: Range<UInt64>
  private let arguments: [String]
  private let isTwice: Bool
  private let progress: Mutex<Progress>
  private let began = Date()
  private let failed: @Sendable (Failure) -> Void

  /// Seeds that one process runs before the next one is started.
  private static let seedsOfPart: UInt64 = 20

  /// The runs of `seeds` with those arguments, each once more if `isTwice`. `failed` is told of failures as they come.
  init(
    seeds: Range<UInt64>, arguments: [String], isTwice: Bool, failed: @escaping @Sendable (Failure) -> Void
  ) {
    (self.seeds, self.arguments, self.isTwice, self.failed) = (seeds, arguments, isTwice, failed)
    progress = Mutex(Progress(next: seeds.lowerBound))
  }

  /// What came of it so far.
  var report: CampaignReport {
    var report = progress.withLock(\.report)
    report.runsPerMinute = Double(report.seeds) / max(Date().timeIntervalSince(began), 0.001) * 60
    return report
  }

  /// Runs all seeds in `jobs` processes at a time. Tells `tick` after each run.
  func run(jobs: Int, tick: @escaping @Sendable () -> Void) {
    DispatchQueue.concurrentPerform(iterations: jobs) { _ in
      while let part = takePart() { run(part, tick) }
    }
  }

  private func takePart() -> Range<UInt64>? {
    progress.withLock { progress in
      guard progress.next < seeds.upperBound else { return nil }
      let first = progress.next
      progress.next = min(first + Self.seedsOfPart, seeds.upperBound)
      return first..<progress.next
    }
  }

  private func run(_ part: Range<UInt64>, _ tick: () -> Void) {
    var hashes: [UInt64: String] = [:]
    perform(part) { run in
      hashes[run.seed] = run.traceHash
      progress.withLock { $0.report.add(run) }
      if let reason = run.failure { failed(Failure(seed: run.seed, reason: reason)) }
      tick()
    }
    guard isTwice else { return }
    // In another process, whose sets and dictionaries have another order.
    perform(part) { run in
      guard let first = hashes[run.seed], first != run.traceHash else { return }
      progress.withLock { $0.report.differing.append(run.seed) }
    }
  }

  /// Runs `part` in a process, and in another one what is left of it where that crashes.
  private func perform(_ part: Range<UInt64>, _ body: (RunReport) -> Void) {
    var next = part.lowerBound
    while next < part.upperBound {
      let reason: String
      do {
        let status = try CampaignPart(seeds: next..<part.upperBound, arguments: arguments).run { run in
          body(run)
          next = run.seed + 1
        }
        reason = "it crashed: its process ended with \(status)"
      } catch {
        reason = "its process does not start: \(error)"
      }
      guard next < part.upperBound else { return }
      progress.withLock { progress in
        if !progress.report.failures.contains(next) { progress.report.failures.append(next) }
      }
      failed(Failure(seed: next, reason: reason))
      next += 1
    }
  }
}
