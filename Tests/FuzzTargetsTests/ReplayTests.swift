import AnabranchCore
import AnabranchSync
import AnabranchWire
import Foundation
import SimulationKit
import Testing

@testable import FuzzTargets

/// What the fuzzer found worth keeping, taken again without it: see `docs/fuzzing.md`.
@Suite("The corpus of the fuzzer") struct ReplayTests {
  private static let corpus = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fuzz/Corpus")

  private static func inputs(of target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
    let folder = corpus.appending(path: target.rawValue)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false)).sorted()
    return try target.seeds.map { ($0.name, $0.bytes) }
      + names.map { ($0, [UInt8](try Data(contentsOf: folder.appending(path: $0)))) }
  }

  @Test("Every input bears out what is promised", arguments: FuzzTarget.allCases)
  func promisesAreKept(target: FuzzTarget) throws {
    let inputs = try Self.inputs(of: target)
    #expect(inputs.count > target.seeds.count)
    for input in inputs {
      do {
        try input.bytes.withUnsafeBytes { try target.check($0) }
      } catch {
        Issue.record("\(target.rawValue)/\(input.name): \(error)")
      }
    }
  }

  @Test("No input is large") func sizes() throws {
    for target in FuzzTarget.allCases {
      for input in try Self.inputs(of: target) {
        #expect(input.bytes.count <= 4_096, "\(target.rawValue)/\(input.name)")
      }
    }
  }

  @Test("A sample of everything is what it says") func samples() throws {
    for (name, frame) in SampleFrames.all {
      #expect(try Frame(Array(frame.canonicalBytes.dropFirst(Frame.lengthBytes))) == frame, "\(name)")
    }
    for (name, draft) in SampleChanges.drafts {
      let sealed = SampleChanges.sealed([draft])
      let read = try SealedChange(bytes: sealed.bytes, context: ChangesTarget.context(2))
      #expect(read == sealed && read.change.operations.map(\.mutation) == [draft.mutation], "\(name)")
    }
    let kinds = Set(SampleChanges.drafts.map(\.draft.kind.rawValue))
    #expect(kinds == Set(1...23))
  }

  @Test(
    "A script is the bundle that it was made of, whose history holds; and one that was altered is replayed all the same"
  )
  func scripts() throws {
    #expect(BundlesTarget.bundles.count == 3 && BundlesTarget.seeds.count == 13)
    for bundle in BundlesTarget.bundles {
      let script = BundlesTarget.script(of: bundle)
      let outcome = try BundleReplay(of: BundlesTarget.file(of: script), orders: 1).replay()
      #expect(outcome.violations == [] && outcome.changes > 3 && outcome.conversations > 0)
      #expect(try outcome.changes == BundleReplay(of: bundle).replay().changes)
      // The last byte is one of a view: what was shown is wrong, and what is logged is looked at to the end.
      let altered = script.dropLast() + [~script[script.count - 1]]
      let shown = try BundleReplay(of: BundlesTarget.file(of: Array(altered)), orders: 1).replay().violations
      #expect(!shown.isEmpty && shown.allSatisfy { $0.property == .incrementalIsRebuilt }, "\(shown)")
    }
  }

  @Test("A fork that is told to a session cuts the log, and so ends it") func forks() throws {
    var host = try SessionHost(mode: .live)
    try host.start()
    try host.receive([SessionPeer.greeting] + SessionPeer.forked)
    #expect(host.branches == 0 && !host.hasEnded)
    try host.answerAll()
    #expect(host.branches == 2 && host.hasEnded)
    #expect(try SessionHost(mode: .live, isForked: true).branches == 2)
  }
}
