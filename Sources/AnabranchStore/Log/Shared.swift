/// A value that is large and seldom written: copies share it until one of them is written to, so that a copy costs a reference.
@propertyWrapper struct Shared<Value> {
  private final class Storage {
    /// Whoever writes has the struct to itself, or a copy: that is looked at there.
    @exclusivity(unchecked) var value: Value

    init(_ value: Value) {
      self.value = value
    }
  }

  private var storage: Storage

  init(wrappedValue: Value) {
    storage = Storage(wrappedValue)
  }

  var wrappedValue: Value {
    _read { yield storage.value }
    _modify {
      if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.value) }
      yield &storage.value
    }
  }
}
