import AnabranchCore
import AnabranchWire

extension FormatVectors {
  /// Entries of a bundle.
  mutating func addBundle(_ header: LogHeader, _ change: SealedChange) {
    add("bundle.header", HistoryBundle.header)
    let (first, second) = (Pseudonym(Self.fixed(0x20)), Pseudonym(Self.fixed(0x40)))
    let shapes: [ContentShape] = [
      .text(scalars: 300), .flag(true), .value(first), .field(name: first, value: second),
      .message(.init(scalars: 300, text: second, author: first)),
      .conversation(.init(title: first, current: second, archived: true)),
      .attachment(.init(name: first, blob: second)), .piece, .opaque(second),
    ]
    let placed = shapes.enumerated().map { BundledChange.Shape(place: UInt32($0.offset), shape: $0.element) }
    let origin = BundleOrigin(
      program: "né", schema: 300, level: 2, space: Self.fixed(0x20), own: header.log, isRosterBinding: true,
      stateHash: Self.digest(0x00), logHash: Self.digest(0x80))
    let view = BundledView(
      .native(OperationID(log: header.log, sequence: 1, index: 2)), fingerprint: Self.digest(0x80),
      parts: [.frame: Self.fixed(0x20), .values: Self.fixed(0x40)])
    let entries: [(String, BundleEntry)] = [
      ("about", .about(origin)), ("log", .log(header, parent: nil)),
      ("log.branch", .log(.branch(of: header.log, first: 7, hash: Self.digest(0x80)), parent: header.log)),
      (
        "change",
        .change(
          BundledChange(
            log: 0, bytes: change.bytes, signature: [UInt8](repeating: 0xcc, count: 64), shapes: placed))
      ),
      ("view", .view(view)), ("fault", .fault("né")), ("failure", .failure(property: 300, seen: "né")),
      ("run", .run("né")), ("end", .end(changes: 300, views: 1)),
    ]
    for (name, entry) in entries { add("bundle.\(name)", HistoryBundle.bytes(of: entry)) }
    let pseudonyms = Pseudonyms(key: Self.digest(0x80))
    add("bundle.pseudonym.tag", pseudonyms.of("né", as: .tag).bytes.bytes)
    add("bundle.standin.text", ContentShape.text(scalars: 3).standIn(for: Self.digest(0x00)))
    add("bundle.standin.value", ContentShape.value(first).standIn(for: Self.digest(0x00)))
  }
}
