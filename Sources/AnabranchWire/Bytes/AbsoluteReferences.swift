internal import AnabranchCore

/// References that need no change around them: a byte 0 and the sixteen bytes of an imported object, or a byte 1, the
/// log, the sequence and the index of an operation. `docs/format.md` has the layout, under *State*.
extension ByteWriter {
  mutating func write(absolute id: ObjectID) {
    switch id {
    case .imported(let bytes):
      write(UInt8(0))
      write(bytes)
    case .native(let operation):
      write(UInt8(1))
      write(operation.log.bytes)
      write(fixed: operation.sequence)
      write(fixed: operation.index)
    }
  }

  mutating func write(references operations: [OperationID]) {
    write(count: operations.count)
    for operation in operations { write(absolute: .native(operation)) }
  }
}

extension ByteReader {
  /// Bytes of the shortest such reference.
  static let absoluteBytesMin = 1 + Bytes16.count

  /// Throws for a sequence of 0, an index that no change has room for, and a first byte that is neither 0 nor 1.
  mutating func absolute() throws(WireError) -> ObjectID {
    let start = position
    switch try byte() {
    case 0:
      return .imported(try bytes16())
    case 1:
      let operation = OperationID(log: LogID(try bytes16()), sequence: try fixed32(), index: try fixed32())
      guard operation.sequence > 0, operation.index < Limits.identifiersMax else {
        throw WireError(
          .limit, "expected a sequence of 1 or more and an index below \(Limits.identifiersMax)", offset: start)
      }
      return .native(operation)
    case let other:
      throw WireError(.invalid, "expected a reference of kind 0 or 1, got \(other)", offset: start)
    }
  }

  mutating func references() throws(WireError) -> [OperationID] {
    var operations: [OperationID] = []
    let count = try count(max: Limits.referencesMax, of: "references", bytesEach: Self.absoluteBytesMin)
    for _ in 0..<count {
      guard case .native(let operation) = try absolute() else {
        throw WireError(.invalid, "expected a reference to an operation", offset: position)
      }
      operations.append(operation)
    }
    return operations
  }
}
