internal import Anabranch
internal import CLibZip

/// The files of a zip.
///
/// Nothing is unpacked under a name of the archive's choosing: what has to be read more than once goes to a
/// temporary file that has no name at all.
final class ZipArchive: SourceCollection {
  /// How long an unpacked file may be: 16 GiB.
  static let entryBytesMax: Int64 = 16 << 30
  /// How many bytes are unpacked at a time: 256 KiB.
  static let chunkBytes = 256 << 10

  let name: String
  let items: [CollectionItem]
  private let archive: OpaquePointer
  private let spoolDirectories: [String]

  /// Opens the zip at `path`; unpacked files go to the first of `spoolDirectories` that takes them.
  ///
  /// Throws `format` where it is damaged, or locked with a password.
  init(path: String, spoolDirectories: [String]) throws(AnabranchError) {
    var code: Int32 = 0
    guard let archive = zip_open(path, ZIP_RDONLY, &code) else {
      throw AnabranchError(
        .format, "\(path) begins like a zip but cannot be opened as one: it is damaged or cut off",
        remedy: "download it again; exports are large, and downloads break off")
    }
    do {
      items = try Self.items(of: archive, path)
    } catch {
      zip_discard(archive)
      throw error
    }
    self.archive = archive
    self.name = path
    self.spoolDirectories = spoolDirectories
  }

  deinit {
    zip_discard(archive)
  }

  private static func items(of archive: OpaquePointer, _ path: String) throws(AnabranchError)
    -> [CollectionItem]
  {
    var items: [CollectionItem] = []
    for index in 0..<max(0, zip_get_num_entries(archive, 0)) {
      var information = zip_stat_t()
      zip_stat_init(&information)
      guard zip_stat_index(archive, zip_uint64_t(index), 0, &information) == 0, let pointer = information.name
      else { continue }
      let name = String(cString: pointer)
      if name.hasSuffix("/") || name.split(separator: "/").contains(where: CollectionItem.isClutter) {
        continue
      }
      if information.encryption_method != UInt16(ZIP_EM_NONE) {
        throw AnabranchError(
          .format, "\(path) is locked with a password", remedy: "unpack it and give the folder instead")
      }
      items.append(
        CollectionItem(name: name, bytes: Int64(clamping: information.size), index: Int(index)))
    }
    return items.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  func beginning(of item: CollectionItem, bytesMax: Int) throws(AnabranchError) -> any ByteSource {
    var bytes: [UInt8] = []
    try unpack(item) { (chunk) throws(AnabranchError) in
      bytes.append(contentsOf: chunk)
      return bytes.count < bytesMax
    }
    return MemorySource(bytes)
  }

  func source(of item: CollectionItem) throws(AnabranchError) -> any ByteSource {
    let descriptor = try openSpool()
    do {
      try unpack(item) { (chunk) throws(AnabranchError) in
        try SystemCalls.write(descriptor, UnsafeRawBufferPointer(chunk))
        return true
      }
    } catch {
      SystemCalls.release(descriptor)
      throw error
    }
    return try FileSource(owning: descriptor)
  }

  private func openSpool() throws(AnabranchError) -> Int32 {
    var problem = AnabranchError(.io, "there is no folder for temporary files", remedy: "set TMPDIR to one")
    for directory in spoolDirectories {
      do {
        return try SystemCalls.openUnlinked(in: directory)
      } catch {
        problem = error
      }
    }
    throw problem
  }

  /// Unpacks a file chunk by chunk for as long as `take` returns true.
  private func unpack(
    _ item: CollectionItem, take: (UnsafeBufferPointer<UInt8>) throws(AnabranchError) -> Bool
  ) throws(AnabranchError) {
    guard let file = zip_fopen_index(archive, zip_uint64_t(item.index), 0) else { throw damaged(item) }
    defer { zip_fclose(file) }
    let chunk = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: Self.chunkBytes)
    defer { chunk.deallocate() }
    var total: Int64 = 0
    while true {
      let got = zip_fread(file, chunk.baseAddress, zip_uint64_t(chunk.count))
      if got == 0 { return }
      guard got > 0 else { throw damaged(item) }
      total += got
      guard total <= Self.entryBytesMax else {
        throw AnabranchError(
          .format, "\(item.name) in \(name) is longer than \(Self.entryBytesMax >> 30) GiB unpacked",
          remedy: "if that is what it should be, unpack it and give the folder instead")
      }
      if try !take(UnsafeBufferPointer(rebasing: chunk[..<Int(got)])) { return }
    }
  }

  private func damaged(_ item: CollectionItem) -> AnabranchError {
    AnabranchError(
      .format, "\(item.name) in \(name) cannot be unpacked: the zip is damaged or packed in an unknown way",
      remedy: "download it again")
  }
}
