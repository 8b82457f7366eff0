internal import Anabranch
internal import AnabranchCore
internal import AnabranchWire
internal import SimulationKit

/// The input is, where it does not begin with a byte of one, a file that should be a bundle. Where it does, it is a script: the entries
/// of one, each behind its length; the file is made around them, with the end that they need and the fingerprint of the logs that their
/// changes amount to, since bytes alone would never get past a hash.
///
/// Promised: entries do not depend on how the file was cut; each is written again to the bytes it was read from; a bundle is read or
/// refused, and one that is read is replayed to a verdict, the same each time.
enum BundlesTarget {
  /// What a script begins with.
  private static let script: UInt8 = 1

  static func check(_ input: UnsafeRawBufferPointer) throws(BrokenPromise) {
    let bytes = Array(input)
    let file = bytes.first == script ? file(of: bytes) : bytes
    try checkEntries(of: file)
    guard let replay = try? BundleReplay(of: file, orders: 1, scalarsMax: scalarsMax) else { return }
    let outcome = replay.replay(isDrawn: true)
    try BrokenPromise.unless(
      !outcome.violations.contains { $0.property == .nothingWraps }, "what cannot be replayed is said to be wrong")
    try BrokenPromise.unless(
      outcome.violations == replay.replay().violations, "a bundle has the same verdict each time")
    let picture = outcome.picture
    try BrokenPromise.unless(picture?.svg().isEmpty == false, "a bundle can be drawn")
  }

  /// Scalars of all stand-ins of one input: what a script asks for in a few bytes would take all the fuzzer's time.
  private static let scalarsMax = 1 << 16

  private static func checkEntries(of file: [UInt8]) throws(BrokenPromise) {
    let whole = Decoded(file, inPiecesOf: max(1, file.count))
    for piece in [1, 7] {
      try BrokenPromise.unless(
        Decoded(file, inPiecesOf: piece) == whole, "entries are the same in pieces of \(piece) bytes as at once")
    }
    guard !whole.entries.isEmpty else { return }
    let written = HistoryBundle.header + whole.entries.flatMap(HistoryBundle.bytes)
    try BrokenPromise.unless(file.starts(with: written), "entries are written again to the bytes they were read from")
  }

  /// What a decoder makes of a file.
  private struct Decoded: Equatable {
    var entries: [BundleEntry] = []
    var failure: WireError?

    init(_ file: [UInt8], inPiecesOf count: Int) {
      var decoder = BundleDecoder()
      var start = 0
      do throws(WireError) {
        while start < file.count {
          let end = min(start + count, file.count)
          decoder.append(Array(file[start..<end]))
          start = end
          while let entry = try decoder.next() { entries.append(entry) }
        }
      } catch {
        failure = error
      }
    }
  }

  // MARK: Scripts

  /// The file of a script.
  static func file(of script: [UInt8]) -> [UInt8] {
    var input = FuzzInput(of: script)
    _ = input.byte()
    var bodies: [[UInt8]] = []
    while !input.isEmpty { bodies.append(input.take(input.number())) }
    // An end of its own is what the fuzzer may add.
    let entries = bodies.map { try? BundleEntry(canonicalBytes: $0) }
    let hash = logHash(of: entries.compactMap { $0 })
    var file = HistoryBundle.header
    for (body, entry) in zip(bodies, entries) {
      if case .about(var origin)? = entry {
        origin.logHash = hash
        file += HistoryBundle.bytes(of: .about(origin))
      } else {
        file += entry.map(HistoryBundle.bytes) ?? body
      }
    }
    let counts = entries.reduce(into: (changes: UInt64(0), views: UInt64(0))) { counts, entry in
      switch entry {
      case .change: counts.changes += 1
      case .view: counts.views += 1
      default: break
      }
    }
    return file + HistoryBundle.bytes(of: .end(changes: counts.changes, views: counts.views))
  }

  /// The fingerprint of the logs that entries amount to, as far as each goes on from the one before it.
  private static func logHash(of entries: [BundleEntry]) -> Digest {
    var logs: [(log: LogID, head: LogHead)] = []
    for entry in entries {
      switch entry {
      case .log(let header, _): logs.append((header.log, LogHead(sequence: 0, hash: header.foundingHash)))
      case .change(let change):
        guard logs.indices.contains(Int(change.log)),
          let context = SealedChange.Context(after: logs[Int(change.log)].head, in: logs[Int(change.log)].log),
          let sealed = try? SealedChange(bytes: change.bytes, context: context)
        else { continue }
        logs[Int(change.log)].head = LogHead(sequence: context.id.sequence, hash: sealed.hash)
      default: break
      }
    }
    return StateHash.log(heads: logs.filter { $0.head.sequence > 0 })
  }

  /// The script that a bundle is made of again.
  static func script(of bundle: [UInt8]) -> [UInt8] {
    script(entries(of: bundle))
  }

  private static func entries(of bundle: [UInt8]) -> [BundleEntry] {
    var decoder = BundleDecoder()
    decoder.append(bundle)
    var entries: [BundleEntry] = []
    while let entry = try? decoder.next() { entries.append(entry) }
    return entries
  }

  private static func script(_ entries: [BundleEntry]) -> [UInt8] {
    var script = FuzzScript()
    script.add(Self.script)
    for entry in entries {
      switch entry {
      // What is put around a script, and what a replay does not look at.
      case .end, .run: break
      default: script.add(counted: entry.canonicalBytes)
      }
    }
    return script.bytes
  }

  /// What one machine each held after a few minutes, in one of them set back in between.
  static let bundles: [[UInt8]] = {
    [(1, "actions=10 minutes=3"), (2, "actions=16 minutes=3"), (3, "actions=12 minutes=4 setBacks=2")]
      .flatMap { seed, options in
        Options(parsing: options).map {
          Simulation(Case(seed: seed, options: $0)).run(bundling: .always).bundles.prefix(1).map(\.bytes)
        } ?? []
      }
  }()

  static var seeds: [FuzzTarget.Seed] {
    bundles.enumerated().flatMap { number, bundle in
      [FuzzTarget.Seed("bundle-\(number)", bundle), FuzzTarget.Seed("script-\(number)", script(of: bundle))]
    } + lies
  }

  /// A bundle of which one change says what cannot be.
  private static var lies: [FuzzTarget.Seed] {
    let entries = entries(of: bundles[0])
    let told = entries.enumerated().lazy.compactMap { place, entry -> (Int, BundledChange)? in
      if case .change(let change) = entry, !change.shapes.isEmpty { (place, change) } else { nil }
    }.first
    guard let (place, change) = told else { return [] }
    func lie(_ name: String, _ alter: (inout BundledChange) -> Void) -> FuzzTarget.Seed {
      var (entries, change) = (entries, change)
      alter(&change)
      entries[place] = .change(change)
      return FuzzTarget.Seed(name, script(entries))
    }
    return [
      lie("no-such-log") { $0.log = 7 },
      lie("no-such-operation") { $0.shapes[0].place = 8_000 },
      lie("operation-without-content") { $0.shapes[0].place = 5 },
      lie("operation-twice") { $0.shapes.append($0.shapes[0]) },
      lie("text-of-16-million") { $0.shapes[0].shape = .text(scalars: ContentShape.scalarsMax) },
      lie("content-of-another-kind") { $0.shapes[0].shape = .flag(true) },
      lie("change-cut-off") { $0.bytes.removeLast() },
    ]
  }
}
