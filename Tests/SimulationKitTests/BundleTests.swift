import Foundation
import SimulationKit
import Testing

/// Runs share SQLite's file system, so one after the other.
@Suite("Bundles of simulated machines", .serialized)
struct BundleTests {
  private static let small = "hosts=2 actions=30 minutes=4 crashes=1"

  private static func run(_ seed: UInt64) throws -> Outcome {
    let options = try #require(Options(parsing: small))
    return Simulation(Case(seed: seed, options: options)).run(bundling: .always)
  }

  @Test("What machines hold that were not at fault replays, in whatever order", arguments: UInt64(5_100)..<5_104)
  func honest(seed: UInt64) throws {
    let outcome = Simulation(Case(seed: seed)).run(bundling: .always)
    #expect(outcome.violation == nil && !outcome.bundles.isEmpty)
    for bundle in outcome.bundles.prefix(2) {
      let replayed = try BundleReplay(of: bundle.bytes, seed: seed).replay()
      #expect(replayed.violations == [], "\(bundle.name) of seed \(seed)")
      #expect(replayed.run == outcome.run && replayed.failedProperty == nil)
      #expect(replayed.changes > 0 && !replayed.isBeyondOracle && !replayed.isOfOtherLevel)
    }
  }

  @Test("So does what is held where logs have forked", arguments: UInt64(1)..<3)
  func forked(seed: UInt64) throws {
    let outcome = Simulation(Case(seed: seed, options: .withForks(seed: seed))).run(bundling: .always)
    #expect(outcome.violation == nil)
    let bundle = try #require(outcome.bundles.first)
    #expect(try BundleReplay(of: bundle.bytes, seed: seed).replay().violations == [])
  }

  @Test("A run bundles its machines only where it is asked to, and that changes nothing in it")
  func bundling() throws {
    let options = try #require(Options(parsing: Self.small))
    let run = Case(seed: 3, options: options)
    let (plain, bundled) = (Simulation(run).run(), Simulation(run).run(bundling: .always))
    #expect(plain.violation == nil && plain.bundles.isEmpty && bundled.bundles.count == 2)
    #expect(plain.traceHash == bundled.traceHash)
    #expect(Simulation(run).run(bundling: .whenItFails).bundles.isEmpty)
    let again = Simulation(run).run(bundling: .always)
    #expect(again.bundles.map(\.bytes) == bundled.bundles.map(\.bytes), "the same run leaves the same bundles")
  }

  @Test("A bundle that was altered is refused, wherever it was")
  func altered() throws {
    let bytes = try #require(Self.run(4).bundles.first).bytes
    #expect(BundleReplay.isBundle(bytes) && !BundleReplay.isBundle(Array("seed = 1".utf8)))
    for place in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 200)) {
      var altered = bytes
      altered[place] ^= 0x10
      #expect(throws: BundleReplay.Unreadable.self, "byte \(place)") { try BundleReplay(of: altered) }
      #expect(throws: BundleReplay.Unreadable.self, "cut to \(place)") { try BundleReplay(of: Array(bytes[..<place])) }
    }
  }
}
