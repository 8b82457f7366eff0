/// What reads bytes from outside, each with what the project promises of it whatever those bytes are.
///
/// A target is a pure function of its input, apart from ``imports``, which needs a file; so an input that broke a promise once
/// does so again, under the fuzzer and in the tests that replay `Fuzz/Corpus`. It neither prints nor catches what traps: that is
/// what the fuzzer looks for.
public enum FuzzTarget: String, CaseIterable, Sendable {
  /// A stream of frames as it is cut and decoded, and a frame by itself.
  case frames
  /// The encrypted stream of a connection from its first byte on, between two sides and with somebody in between.
  case handshake
  /// A sealed change, the contents in it, and what its edits make of a text.
  case changes
  /// What a side says it holds, as a version vector.
  case vectors
  /// The JSON reader of the imports.
  case json
  /// A file, or a zip of files, that is imported, and exported again.
  case imports
  /// A session with a peer that says anything at all.
  case session
  /// A bundle, which is replayed.
  case bundles

  /// Takes an input. Throws ``BrokenPromise`` where something is not as promised.
  public func check(_ input: UnsafeRawBufferPointer) throws {
    switch self {
    case .frames: try FramesTarget.check(input)
    case .handshake: try HandshakeTarget.check(input)
    case .changes: try ChangesTarget.check(input)
    case .vectors: try VectorsTarget.check(input)
    case .json: try JSONTarget.check(input)
    case .imports: try ImportsTarget.check(input)
    case .session: try SessionTarget.check(input)
    case .bundles: try BundlesTarget.check(input)
    }
  }

  /// Inputs that our own encoders make: where the fuzzer begins. The same on every machine and in every run.
  public var seeds: [Seed] {
    switch self {
    case .frames: FramesTarget.seeds
    case .handshake: HandshakeTarget.seeds
    case .changes: ChangesTarget.seeds
    case .vectors: VectorsTarget.seeds
    case .json: JSONTarget.seeds
    case .imports: ImportsTarget.seeds
    case .session: SessionTarget.seeds
    case .bundles: BundlesTarget.seeds
    }
  }

  /// An input, and the name of its file in the corpus.
  public struct Seed: Sendable {
    /// Letters, digits and hyphens.
    public let name: String
    /// The input.
    public let bytes: [UInt8]

    init(_ name: String, _ bytes: [UInt8]) {
      self.name = name
      self.bytes = bytes
    }

    /// `bytes` once for each of them that may be a number by itself, with that number in two bytes instead, which no encoder
    /// would write. The first `offset` bytes stay.
    static func overlong(_ bytes: [UInt8], from offset: Int) -> [Seed] {
      bytes.indices.dropFirst(offset).filter { bytes[$0] < 0x80 }.map { index in
        Seed("overlong-\(index)", bytes[..<index] + [bytes[index] | 0x80, 0] + bytes[(index + 1)...])
      }
    }
  }
}

/// Something that is promised of every input, and that one did not bear out.
public struct BrokenPromise: Error, CustomStringConvertible {
  /// The promise.
  public let description: String

  /// Throws unless `isKept`.
  static func unless(_ isKept: Bool, _ promise: @autoclosure () -> String) throws(BrokenPromise) {
    if !isKept { throw BrokenPromise(description: promise()) }
  }
}
