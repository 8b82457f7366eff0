import CLibZip

/// Makes zips to read.
enum ZipFixture {
  /// Writes a zip of these files; with a password if one is given.
  static func write(_ files: [(name: String, text: String)], to path: String, password: String? = nil) -> Bool {
    var code: Int32 = 0
    guard let archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code) else { return false }
    var buffers: [UnsafeMutableBufferPointer<UInt8>] = []
    defer { for buffer in buffers { buffer.deallocate() } }
    for file in files {
      let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: file.text.utf8.count + 1)
      _ = buffer.initialize(from: file.text.utf8)
      buffers.append(buffer)
      let source = zip_source_buffer(archive, buffer.baseAddress, zip_uint64_t(file.text.utf8.count), 0)
      let index = zip_file_add(archive, file.name, source, zip_flags_t(ZIP_FL_ENC_UTF_8))
      guard index >= 0 else { return false }
      if let password {
        zip_file_set_encryption(archive, zip_uint64_t(index), UInt16(ZIP_EM_AES_256), password)
      }
    }
    return zip_close(archive) == 0
  }
}
