package matched

import _ "github.com/hacrash/hacrash/internal/golden"
