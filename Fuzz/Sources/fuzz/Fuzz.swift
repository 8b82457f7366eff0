internal import Foundation
internal import FuzzTargets

/// What libFuzzer calls: `fuzz --target=NAME [OPTION or FOLDER…]`, or `fuzz --seeds=FOLDER` to write the seeds of all targets
/// there. libFuzzer passes over options that begin with two hyphens; `fuzz -help=1` tells its own.
private enum Fuzz {
  /// The target, once ``initialize(_:_:)`` has read the arguments.
  nonisolated(unsafe) static var target: FuzzTarget?

  /// What follows `name` among the arguments.
  static func argument(_ name: String) -> String? {
    CommandLine.arguments.first { $0.hasPrefix(name) }.map { String($0.dropFirst(name.count)) }
  }

  /// Writes each seed to the folder of its target, if that is asked for; says whether it was.
  static func writesSeeds() throws -> Bool {
    guard let folder = argument("--seeds=").map({ URL(filePath: $0) }) else { return false }
    for target in FuzzTarget.allCases {
      let place = folder.appending(path: target.rawValue)
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      for seed in target.seeds { try Data(seed.bytes).write(to: place.appending(path: "seed-\(seed.name)")) }
    }
    return true
  }
}

/// Called once, before the first input.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafeMutableRawPointer?, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  do {
    if try Fuzz.writesSeeds() { exit(0) }
  } catch {
    fatalError("\(error)")
  }
  let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
  guard let target = Fuzz.argument("--target=").flatMap(FuzzTarget.init(rawValue:)) else {
    print("expected --target=NAME, and as NAME one of \(names)")
    exit(64)
  }
  Fuzz.target = target
  return 0
}

/// Called with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func take(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
  do {
    try Fuzz.target?.check(UnsafeRawBufferPointer(start: start, count: count))
  } catch {
    fatalError("a promise is broken: \(error)")
  }
  return 0
}
