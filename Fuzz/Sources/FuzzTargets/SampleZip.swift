/// A zip of a few files, none of them packed: what an export comes as.
///
/// APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12 and 4.3.16; times and rights are left out.
struct SampleZip {
  private(set) var bytes: [UInt8] = []
  private var directory: [UInt8] = []
  private var count: UInt16 = 0

  /// Names that a reader means something by.
  private static let names = [
    "conversations.json", "conversations-000.json", "conversations-002.json", "export/feedback.json",
    "export_manifest.json", "file-1-photo.png", "file_2.dat", "__MACOSX/._a", "folder/", "chat.html",
  ]
  /// Files in one zip.
  private static let filesMax = 8

  /// The zip that an input describes: for each file a byte for its name and its bytes behind their number.
  init(described input: inout FuzzInput) {
    while !input.isEmpty, count < Self.filesMax {
      let name = Self.names[Int(input.byte()) % Self.names.count]
      add(Array(name.utf8), input.take(input.number()))
    }
    let start = bytes.count
    bytes += directory
    bytes += Self.little(0x0605_4b50, 4) + Self.little(0, 4)
    bytes += Self.little(UInt32(count), 2) + Self.little(UInt32(count), 2)
    bytes += Self.little(UInt32(directory.count), 4) + Self.little(UInt32(start), 4) + Self.little(0, 2)
  }

  private mutating func add(_ name: [UInt8], _ contents: [UInt8]) {
    let size = Self.little(UInt32(contents.count), 4)
    // Version, flags, method, time and date; checksum; both sizes; lengths of the name and of what is extra.
    let common =
      Self.little(10, 2) + Self.little(0, 2) + Self.little(0, 2) + Self.little(0, 4)
      + Self.little(Self.checksum(contents), 4) + size + size + Self.little(UInt32(name.count), 2) + Self.little(0, 2)
    directory += Self.little(0x0201_4b50, 4) + Self.little(10, 2) + common
    directory += Self.little(0, 2) + Self.little(0, 2) + Self.little(0, 2) + Self.little(0, 4)
    directory += Self.little(UInt32(bytes.count), 4) + name
    bytes += Self.little(0x0403_4b50, 4) + common + name + contents
    count += 1
  }

  private static func little(_ value: UInt32, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// CRC-32, bit by bit: the files are small.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var checksum = UInt32.max
    for byte in bytes {
      checksum ^= UInt32(byte)
      for _ in 0..<8 { checksum = checksum >> 1 ^ (checksum & 1 == 1 ? 0xedb8_8320 : 0) }
    }
    return ~checksum
  }
}
