public import Foundation

/// How a text came to be, keystroke by keystroke, as one or several people recorded it: the JSON of
/// github.com/josephg/editing-traces, positions in Unicode scalars.
public struct EditingTrace: Decodable, Sendable {
  /// Something deleted at a place, and something inserted there.
  public struct Patch: Decodable, Sendable {
    /// Where, in scalars.
    public var position: Int
    /// How many scalars disappear.
    public var deleted: Int
    /// What appears then.
    public var inserted: String

    /// `[position, deleted, inserted]`.
    public init(from decoder: any Decoder) throws {
      var fields = try decoder.unkeyedContainer()
      position = try fields.decode(Int.self)
      deleted = try fields.decode(Int.self)
      inserted = try fields.decode(String.self)
    }
  }

  /// What somebody did in one go.
  public struct Transaction: Decodable, Sendable {
    /// The transactions it follows, by their places; nil where it follows the one before.
    public var parents: [Int]?
    /// Who did it; nil where one person did all.
    public var agent: Int?
    /// One after the other.
    public var patches: [Patch]
  }

  /// What the text was before.
  public var startContent: String?
  /// What the text is in the end.
  public var endContent: String
  /// In a causal order.
  public var txns: [Transaction]

  /// Reads a trace; a name that ends in `.gz` means that it is packed. Throws what is wrong with the file.
  public static func read(_ file: URL) throws -> EditingTrace {
    let data = file.pathExtension == "gz" ? try unpacked(file) : try Data(contentsOf: file)
    return try JSONDecoder().decode(EditingTrace.self, from: data)
  }

  private static func unpacked(_ file: URL) throws -> Data {
    let gzip = Process()
    let output = Pipe()
    gzip.executableURL = URL(filePath: "/usr/bin/env")
    gzip.arguments = ["gzip", "--decompress", "--stdout", file.path]
    gzip.standardOutput = output
    try gzip.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    gzip.waitUntilExit()
    guard gzip.terminationStatus == 0 else { throw CocoaError(.fileReadCorruptFile) }
    return data
  }
}
