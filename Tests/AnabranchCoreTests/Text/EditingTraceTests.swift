import AnabranchCore
import EditingTraces
import Foundation
import Testing

@Suite("Recorded editing traces", .enabled(if: Traces.arePresent, "the traces lie beside the package, and do not here"))
struct EditingTraceTests {
  @Test("Each ends in the text it was recorded with", arguments: Traces.files)
  func endsInItsText(file: String) throws {
    let trace = try EditingTrace.read(Traces.folder.appending(path: file))
    var document = TextDocument(base: trace.startContent ?? "")
    for operation in trace.operations {
      document.add(operation)
    }
    document.merge()
    #expect(document.text == trace.endContent)
  }

  @Test("So do those of several people in other orders, a few edits at a time", arguments: Traces.concurrent)
  func endsInItsTextInBatches(file: String) throws {
    let trace = try EditingTrace.read(Traces.folder.appending(path: file))
    let operations = trace.operations
    for order in [Array(operations.indices), trace.branchByBranch] {
      var document = TextDocument(base: trace.startContent ?? "")
      for (place, operation) in order.map({ operations[$0] }).enumerated() {
        document.add(operation)
        if place % 97 == 0 { document.merge() }
      }
      document.merge()
      #expect(document.text == trace.endContent)
    }
  }
}

extension EditingTrace {
  /// Its transactions, each branch as far as it goes before the next.
  fileprivate var branchByBranch: [Int] {
    var waiting = txns.map { $0.parents?.count ?? 0 }
    var children = [[Int]](repeating: [], count: txns.count)
    for (place, transaction) in txns.enumerated() {
      for parent in transaction.parents ?? [] { children[parent].append(place) }
    }
    var ready = txns.indices.filter { waiting[$0] == 0 }
    var order: [Int] = []
    while let next = ready.popLast() {
      order.append(next)
      for child in children[next] {
        waiting[child] -= 1
        if waiting[child] == 0 { ready.append(child) }
      }
    }
    return order
  }
}

/// The recorded traces that lie beside the package where they are to be had; none of them is committed.
enum Traces {
  static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared/bench/traces")

  static var files: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { $0.hasSuffix(".json.gz") }
      .sorted()
  }

  static var arePresent: Bool { !files.isEmpty }

  static let concurrent = ["clownschool", "friendsforever", "node_nodecc"].map { "\($0).json.gz" }
}
