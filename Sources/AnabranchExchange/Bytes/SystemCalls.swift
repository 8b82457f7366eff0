internal import Anabranch

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// The few calls of the system this module needs; nothing else here knows which C library there is.
enum SystemCalls {
  /// What a path leads to.
  enum Kind: Equatable {
    case file(bytes: Int64)
    case directory
    case other
  }

  /// Opens a file for reading and returns its descriptor.
  ///
  /// Throws `not-found` if there is none, `io` if the system refuses.
  static func openForReading(_ path: String) throws(AnabranchError) -> Int32 {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("opening", path, errno) }
    return descriptor
  }

  /// Makes a file in `directory` that has no name any more, so that it is gone with its descriptor.
  static func openUnlinked(in directory: String) throws(AnabranchError) -> Int32 {
    var template = Array("\(directory)/anabranch-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw failure("making a temporary file in", directory, errno) }
    unlink(&template)
    return descriptor
  }

  /// Where temporary files go that may be larger than memory, the best place first.
  static var temporaryDirectories: [String] {
    #if canImport(Darwin)
      var path = [CChar](repeating: 0, count: Int(PATH_MAX))
      let length = confstr(_CS_DARWIN_USER_TEMP_DIR, &path, path.count)
      let own = path.prefix(max(0, min(length, path.count) - 1)).map(UInt8.init(bitPattern:))
      return own.isEmpty ? ["/var/tmp", "/tmp"] : [String(decoding: own, as: UTF8.self), "/var/tmp"]
    #else
      return ["/var/tmp", "/tmp"]
    #endif
  }

  /// What `path` leads to, symbolic links followed.
  static func kind(of path: String) throws(AnabranchError) -> Kind {
    var information = stat()
    guard stat(path, &information) == 0 else { throw failure("looking at", path, errno) }
    return kind(information)
  }

  /// How long an open file is.
  static func size(of descriptor: Int32) throws(AnabranchError) -> Int64 {
    var information = stat()
    guard fstat(descriptor, &information) == 0 else { throw failure("measuring", "the file", errno) }
    return Int64(information.st_size)
  }

  /// Reads at an offset; returns how many bytes came, 0 only at the end.
  static func read(
    _ descriptor: Int32, at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(AnabranchError) -> Int {
    while true {
      let got = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
      if got >= 0 { return got }
      if errno != EINTR { throw failure("reading", "the file", errno) }
    }
  }

  /// Appends all of `buffer`.
  static func write(_ descriptor: Int32, _ buffer: UnsafeRawBufferPointer) throws(AnabranchError) {
    var rest = buffer
    while !rest.isEmpty {
      let done = Self.writeSome(descriptor, rest)
      if done < 0 {
        if errno == EINTR { continue }
        throw failure("writing", "a temporary file", errno)
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[done...])
    }
  }

  /// The names in a directory, without `.` and `..`, in ascending order of their bytes.
  static func names(in directory: String) throws(AnabranchError) -> [String] {
    guard let stream = opendir(directory) else { throw failure("opening", directory, errno) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
        field.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Gives a descriptor back.
  static func release(_ descriptor: Int32) {
    close(descriptor)
  }

  private static func writeSome(_ descriptor: Int32, _ buffer: UnsafeRawBufferPointer) -> Int {
    #if canImport(Darwin)
      Darwin.write(descriptor, buffer.baseAddress, buffer.count)
    #elseif canImport(Musl)
      Musl.write(descriptor, buffer.baseAddress, buffer.count)
    #else
      Glibc.write(descriptor, buffer.baseAddress, buffer.count)
    #endif
  }

  private static func kind(_ information: stat) -> Kind {
    switch information.st_mode & S_IFMT {
    case S_IFREG: .file(bytes: Int64(information.st_size))
    case S_IFDIR: .directory
    default: .other
    }
  }

  private static func failure(_ doing: String, _ what: String, _ number: Int32) -> AnabranchError {
    let reason = String(cString: strerror(number))
    switch number {
    case ENOENT, ENOTDIR:
      return AnabranchError(
        .notFound, "there is no file or folder at \(what)", remedy: "check the path's spelling")
    case ENOSPC, EDQUOT:
      return AnabranchError(
        .diskFull, "the disk filled up while \(doing) \(what)", remedy: "free some space and try again")
    default:
      return AnabranchError(
        .io, "the system refused \(doing) \(what): \(reason)",
        remedy: "check that you may read it and that the disk is well")
    }
  }
}
