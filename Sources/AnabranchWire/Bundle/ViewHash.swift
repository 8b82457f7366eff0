public import AnabranchCore

/// A hash over a part of what is shown of a conversation, put together value by value. See ``BundledView``.
public struct ViewHash: Sendable {
  private var writer = ByteWriter()

  /// The hash of `part`, of which nothing was added yet.
  public init(of part: BundledView.Part) {
    writer.write(part.rawValue)
  }

  /// Adds a name.
  public mutating func add(_ object: ObjectID) {
    writer.write(absolute: object)
  }

  /// Adds a number.
  public mutating func add(_ number: some BinaryInteger) {
    writer.write(zigzag: Int64(truncatingIfNeeded: number))
  }

  /// Adds a text, or that there is none.
  public mutating func add(_ text: String?) {
    writer.write(UInt8(text == nil ? 0 : 1))
    if let text { writer.write(counted: Array(text.utf8)) }
  }

  /// Adds how many `elements` there are, and each of them in turn.
  public mutating func add<Element>(_ elements: some Collection<Element>, _ body: (inout ViewHash, Element) -> Void) {
    writer.write(count: elements.count)
    for element in elements { body(&self, element) }
  }

  /// The first half of the hash.
  public var hash: Bytes16 {
    Hashing.hash(.view, writer.bytes[...]).head
  }
}
