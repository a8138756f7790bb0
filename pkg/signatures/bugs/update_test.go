package bugs

import _ "github.com/hacrash/hacrash/internal/golden" // -update
