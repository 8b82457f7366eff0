import AnabranchCore
import AnabranchWire

/// The bytes of a change, put together by hand, so that they can be wrong.
struct HandmadeChange {
  var version: UInt8 = 1
  var time = HybridTime(milliseconds: 1_000, counter: 0)
  var actionDistance: UInt64 = 0
  var dependencies: [(log: LogID, sequence: UInt64)] = []
  var dependencyCount: UInt64?
  var operations: [[UInt8]] = [operation()]
  var operationCount: UInt64?

  static let context = SealedChange.Context(
    id: ChangeID(log: LogID(Bytes16(high: 0, low: 100)), sequence: 5), previous: .zero)

  /// A log whose identifier starts with many zeros, so that the order is easy to see.
  static func log(_ number: UInt64) -> LogID {
    LogID(Bytes16(high: 0, low: number))
  }

  static func operation(
    kind: UInt64 = 8, target: [UInt8] = [0], span: UInt64 = 1, structure: [UInt8] = [], content: [UInt8] = [0]
  ) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(varint: kind)
    writer.write(target)
    writer.write(varint: span)
    writer.write(counted: structure)
    writer.write(content)
    return writer.bytes
  }

  var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.write(version)
    writer.write(fixed: time.rawValue)
    writer.write(zigzag: 0)
    writer.write(varint: actionDistance)
    writer.write(varint: dependencyCount ?? UInt64(dependencies.count))
    for dependency in dependencies {
      writer.write(dependency.log.bytes)
      writer.write(varint: dependency.sequence)
      writer.write(Bytes16(high: 7, low: 7))
    }
    writer.write(varint: operationCount ?? UInt64(operations.count))
    for operation in operations { writer.write(operation) }
    return writer.bytes
  }

  var failure: WireError.Code? {
    ChangeCodecTests.failure(bytes, Self.context)?.code
  }
}
