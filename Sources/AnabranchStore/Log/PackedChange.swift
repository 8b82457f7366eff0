internal import AnabranchCore
internal import AnabranchWire
internal import CZlib

/// The form in which a change lies in its row: its canonical bytes as they are, or packed.
///
/// | offset | bytes | |
/// | --- | --- | --- |
/// | 0 | 1 | 255, which no layout of a change is |
/// | 1 | 4 | how many canonical bytes there are, most significant first |
/// | 5 | | these, as a zlib stream (RFC 1950) |
///
/// Written by ``LogState/store(_:wall:views:in:)`` and where contents are taken; read by ``GRDB/Database/changeBytes(_:)``.
/// Nothing but the row is packed: hashes, the network and backups' readers know the canonical bytes alone.
enum PackedChange {
  private static let mark: UInt8 = 255
  private static let headBytes = 5
  /// Shorter changes stay as they are: a message is written faster so, and there is little to gain.
  private static let bytesMin = 2_048

  /// The row of a change: packed where it edits a text and becomes shorter by an eighth at least. O(bytes).
  static func row(of sealed: SealedChange) -> [UInt8] {
    guard sealed.bytes.count >= bytesMin, sealed.change.operations.contains(where: { $0.mutation.text != nil }) else {
      return sealed.bytes
    }
    return packed(sealed.bytes) ?? sealed.bytes
  }

  /// `bytes`, packed; nil where that saves less than an eighth. O(bytes).
  static func packed(_ bytes: [UInt8]) -> [UInt8]? {
    let room = bytes.count - bytes.count / 8 - headBytes
    guard room > 0, let length = UInt32(exactly: bytes.count) else { return nil }
    var row: [UInt8] = [mark]
    length.appendBigEndian(to: &row)
    let head = row
    var isPacked = false
    row = [UInt8](unsafeUninitializedCapacity: headBytes + room) { row, count in
      _ = row.update(fromContentsOf: head)
      var packedBytes = uLongf(room)
      // Where there is not room enough, zlib says so.
      let code = bytes.withUnsafeBufferPointer { bytes in
        row.baseAddress.map {
          compress2($0 + headBytes, &packedBytes, bytes.baseAddress, uLong(bytes.count), Z_DEFAULT_COMPRESSION)
        }
      }
      isPacked = code == Z_OK
      count = isPacked ? headBytes + Int(packedBytes) : 0
    }
    return isPacked ? row : nil
  }

  /// The canonical bytes in a row, as far as they can be had; nil where what is packed is damaged, or the row is none of a change. Never
  /// more than ``AnabranchWire/Limits/changeBytesMax`` of them, whatever the row says. O(bytes).
  static func bytes(in row: UnsafeRawBufferPointer) -> [UInt8]? {
    guard row.first == mark else { return row.count <= Limits.changeBytesMax ? Array(row) : nil }
    guard row.count > headBytes else { return nil }
    let length = row[1..<headBytes].reduce(0) { $0 << 8 | Int($1) }
    guard 0 < length, length <= Limits.changeBytesMax else { return nil }
    var isWhole = false
    let bytes = [UInt8](unsafeUninitializedCapacity: length) { bytes, count in
      var (unpacked, packed) = (uLongf(length), uLong(row.count - headBytes))
      let source = row.baseAddress?.advanced(by: headBytes).assumingMemoryBound(to: UInt8.self)
      let code = uncompress2(bytes.baseAddress, &unpacked, source, &packed)
      isWhole = code == Z_OK && Int(unpacked) == length && Int(packed) == row.count - headBytes
      count = isWhole ? length : 0
    }
    return isWhole ? bytes : nil
  }
}
