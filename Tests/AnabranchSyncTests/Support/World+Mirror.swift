import AnabranchFakes

// A failed expectation prints all it can see of the values in it; of these that would be megabytes.

extension World: CustomReflectable {
  var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension FakeReplica: CustomReflectable {
  var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension ScriptedPeer: CustomReflectable {
  var customMirror: Mirror { Mirror(self, children: [:]) }
}
