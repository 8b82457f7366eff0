package import AnabranchCore

extension IncomingBatch {
  /// Changes that are taken over again, in causal order, from what some replica held: nobody signs for them, so who takes them over
  /// looks at no signature.
  package init(replaying changes: [(id: ChangeID, header: LogHeader, bytes: [UInt8])]) {
    var read = ReadBatch()
    for change in changes { read.append(change.id, header: change.header, bytes: change.bytes, dependencies: []) }
    let runs = read.runs.map { Run(log: $0.log, header: $0.header, first: $0.first, changes: $0.changes) }
    self.init(
      runs: runs, headers: [:],
      signatures: runs.reduce(into: [:]) { $0[$1.log] = [UInt8](repeating: 0, count: Self.signatureBytes) },
      exclusions: Exclusions())
  }

  private static let signatureBytes = 64
}
