// What every page of a signed-in person has: the bell, and drafts that go when somebody signs out.

import "bmu/drafts"
import "bmu/notifications"
