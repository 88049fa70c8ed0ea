CREATE TABLE `audit` (
	`no` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`by` text NOT NULL,
	`what` text NOT NULL,
	`site` text NOT NULL,
	`subject` text NOT NULL,
	`detail` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `awaited_views` (
	`day` integer NOT NULL,
	`id_ms` integer NOT NULL,
	`id_key` integer NOT NULL,
	`site` integer NOT NULL,
	`contact` integer NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`day`, `id_ms`, `id_key`, `site`, `contact`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `awaited_views_by_contact` ON `awaited_views` (`contact`);--> statement-breakpoint
CREATE TABLE `breaches` (
	`contact` integer NOT NULL,
	`since` integer NOT NULL,
	`site` integer NOT NULL,
	`due_at` integer NOT NULL,
	`recorded_at` integer NOT NULL,
	PRIMARY KEY(`contact`, `since`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `cells` (
	`contact` integer NOT NULL,
	`day` integer NOT NULL,
	`signal` text NOT NULL,
	`count` integer NOT NULL,
	`ms` integer NOT NULL,
	`keys` text,
	`last_at` integer NOT NULL,
	PRIMARY KEY(`contact`, `day`, `signal`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `consents` (
	`visitor` integer NOT NULL,
	`at` integer NOT NULL,
	`state` text NOT NULL,
	`source` text NOT NULL,
	PRIMARY KEY(`visitor`, `at`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `contacts` (
	`no` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`site` integer NOT NULL,
	`email` text,
	`phone` text,
	`external_id` text,
	`traits` text NOT NULL,
	`verified` integer NOT NULL,
	`identified_at` integer NOT NULL,
	`own_visitor` integer NOT NULL,
	`merged_into` integer,
	`learned` text NOT NULL,
	`company` text,
	`company_name` text,
	`objected_at` integer,
	`owner` text,
	`sort_name` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `contacts_id_unique` ON `contacts` (`id`);--> statement-breakpoint
CREATE INDEX `contacts_by_merger` ON `contacts` (`merged_into`) WHERE "contacts"."merged_into" is not null;--> statement-breakpoint
CREATE INDEX `contacts_by_company` ON `contacts` (`site`,`company`,`company_name`);--> statement-breakpoint
CREATE INDEX `contacts_by_time` ON `contacts` (`site`,`identified_at`);--> statement-breakpoint
CREATE INDEX `contacts_by_name` ON `contacts` (`site`,`sort_name`);--> statement-breakpoint
CREATE TABLE `counts` (
	`name` text PRIMARY KEY NOT NULL,
	`n` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `dead_letters` (
	`seq` integer PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`body` text NOT NULL,
	`reason` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `decisions` (
	`contact` integer NOT NULL,
	`at` integer NOT NULL,
	`id_ms` integer NOT NULL,
	`id_key` integer NOT NULL,
	`site` integer NOT NULL,
	`decision` text NOT NULL,
	`by` text NOT NULL,
	`reason` text,
	`until` integer,
	`value` real,
	`recorded_at` integer NOT NULL,
	PRIMARY KEY(`contact`, `at`, `id_ms`, `id_key`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `decisions_by_site` ON `decisions` (`site`,`decision`,`at`,`reason`);--> statement-breakpoint
CREATE TABLE `deliveries` (
	`webhook` text NOT NULL,
	`message` text NOT NULL,
	`contact` integer NOT NULL,
	`seq` integer NOT NULL,
	`serial` integer NOT NULL,
	`created_at` integer NOT NULL,
	`state` text NOT NULL,
	`due_at` integer,
	`tries` text NOT NULL,
	PRIMARY KEY(`webhook`, `message`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `deliveries_by_due` ON `deliveries` (`webhook`,`due_at`) WHERE "deliveries"."due_at" is not null;--> statement-breakpoint
CREATE INDEX `deliveries_waiting` ON `deliveries` (`webhook`,`contact`,`seq`,`serial`) WHERE "deliveries"."state" = 'waiting';--> statement-breakpoint
CREATE INDEX `deliveries_dead` ON `deliveries` (`webhook`,`seq`,`serial`) WHERE "deliveries"."state" = 'dead';--> statement-breakpoint
CREATE INDEX `deliveries_by_place` ON `deliveries` (`webhook`,`seq`,`serial`);--> statement-breakpoint
CREATE INDEX `deliveries_by_message` ON `deliveries` (`message`);--> statement-breakpoint
CREATE INDEX `deliveries_by_contact` ON `deliveries` (`contact`);--> statement-breakpoint
CREATE INDEX `deliveries_by_age` ON `deliveries` (`created_at`);--> statement-breakpoint
CREATE TABLE `edges` (
	`contact` integer NOT NULL,
	`visitor` integer NOT NULL,
	`from_at` integer NOT NULL,
	`to_at` integer,
	PRIMARY KEY(`contact`, `visitor`, `from_at`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `edges_by_visitor` ON `edges` (`visitor`);--> statement-breakpoint
CREATE TABLE `events` (
	`visitor` integer NOT NULL,
	`id_ms` integer NOT NULL,
	`id_key` integer NOT NULL,
	`lag` integer NOT NULL,
	`kind` integer NOT NULL,
	`a` integer NOT NULL,
	`b` integer,
	`c` integer,
	`data` text,
	PRIMARY KEY(`visitor`, `id_ms`, `id_key`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `identities` (
	`site` integer NOT NULL,
	`kind` text NOT NULL,
	`value` text NOT NULL,
	`contact` integer NOT NULL,
	PRIMARY KEY(`site`, `kind`, `value`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `identities_by_contact` ON `identities` (`contact`);--> statement-breakpoint
CREATE TABLE `keys` (
	`id` text PRIMARY KEY NOT NULL,
	`hash` text NOT NULL,
	`name` text NOT NULL,
	`rights` text NOT NULL,
	`site` text,
	`created_at` integer NOT NULL,
	`revoked_at` integer,
	`expires_at` integer,
	`used_at` integer
);
--> statement-breakpoint
CREATE TABLE `known_visitors` (
	`site` integer NOT NULL,
	`word` integer NOT NULL,
	`bits` integer NOT NULL,
	PRIMARY KEY(`site`, `word`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `leads` (
	`contact` integer PRIMARY KEY NOT NULL,
	`site` integer NOT NULL,
	`stage` text NOT NULL,
	`engagement` integer NOT NULL,
	`fit` real NOT NULL,
	`last_at` integer NOT NULL,
	`since` integer NOT NULL,
	`review_day` integer,
	`rules_version` integer NOT NULL,
	`company` text,
	`due_at` integer,
	`visits` integer NOT NULL,
	`views` integer NOT NULL,
	`engaged_ms` integer NOT NULL,
	`lead` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `leads_by_engagement` ON `leads` (`site`,`stage`,`engagement`,`contact`);--> statement-breakpoint
CREATE INDEX `leads_by_points` ON `leads` (`site`,`engagement`,`contact`);--> statement-breakpoint
CREATE INDEX `leads_by_fit` ON `leads` (`site`,`fit`,`contact`);--> statement-breakpoint
CREATE INDEX `leads_by_seen` ON `leads` (`site`,`last_at`,`contact`);--> statement-breakpoint
CREATE INDEX `leads_by_since` ON `leads` (`site`,`since`,`contact`);--> statement-breakpoint
CREATE INDEX `leads_by_company` ON `leads` (`site`,`company`,`stage`,`engagement`,`last_at`,`visits`,`views`,`engaged_ms`) WHERE "leads"."company" is not null;--> statement-breakpoint
CREATE INDEX `leads_by_review` ON `leads` (`site`,`review_day`);--> statement-breakpoint
CREATE INDEX `leads_by_due` ON `leads` (`due_at`) WHERE "leads"."due_at" is not null;--> statement-breakpoint
CREATE TABLE `links` (
	`visitor` integer NOT NULL,
	`at` integer NOT NULL,
	`contact` integer NOT NULL,
	`view_at` integer,
	PRIMARY KEY(`visitor`, `at`, `contact`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `links_by_contact` ON `links` (`contact`);--> statement-breakpoint
CREATE TABLE `measured_views` (
	`day` integer NOT NULL,
	`id_ms` integer NOT NULL,
	`id_key` integer NOT NULL,
	`visitor` integer NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`day`, `id_ms`, `id_key`, `visitor`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `milestone_blocks` (
	`site` integer NOT NULL,
	`block` integer NOT NULL,
	`first` integer NOT NULL,
	`last` integer NOT NULL,
	`lead` integer NOT NULL,
	`mql` integer NOT NULL,
	`sql` integer NOT NULL,
	`accepted` integer NOT NULL,
	`rejected` integer NOT NULL,
	`opportunity` integer NOT NULL,
	`won` integer NOT NULL,
	`lost` integer NOT NULL,
	`steps` blob NOT NULL,
	`touches` blob NOT NULL,
	`ends` blob NOT NULL,
	`content` blob NOT NULL,
	PRIMARY KEY(`site`, `block`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `milestones` (
	`contact` integer PRIMARY KEY NOT NULL,
	`site` integer NOT NULL,
	`lead` integer NOT NULL,
	`mql` integer,
	`sql` integer,
	`accepted` integer,
	`rejected` integer,
	`opportunity` integer,
	`won` integer,
	`lost` integer,
	`touch_at` integer,
	`source` integer,
	`entry` integer,
	`campaign` integer,
	`standing` integer,
	`is_won` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `notes` (
	`contact` integer NOT NULL,
	`at` integer NOT NULL,
	`id` text NOT NULL,
	`site` integer NOT NULL,
	`about` text NOT NULL,
	`text` text NOT NULL,
	`by` text NOT NULL,
	PRIMARY KEY(`contact`, `at`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `outbox` (
	`id` text PRIMARY KEY NOT NULL,
	`site` integer NOT NULL,
	`contact` integer NOT NULL,
	`seq` integer NOT NULL,
	`serial` integer NOT NULL,
	`created_at` integer NOT NULL,
	`is_brief` integer NOT NULL,
	`payload` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `outbox_by_contact` ON `outbox` (`contact`);--> statement-breakpoint
CREATE INDEX `outbox_by_age` ON `outbox` (`created_at`);--> statement-breakpoint
CREATE TABLE `outcomes` (
	`ref` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`outcome` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `past_cells` (
	`visitor` integer NOT NULL,
	`contact` integer NOT NULL,
	`day` integer NOT NULL,
	`signal` text NOT NULL,
	`count` integer NOT NULL,
	`ms` integer NOT NULL,
	`keys` text,
	`last_at` integer NOT NULL,
	PRIMARY KEY(`visitor`, `contact`, `day`, `signal`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `quarters` (
	`site` integer NOT NULL,
	`quarter` integer NOT NULL,
	`visits` integer NOT NULL,
	`bounces` integer NOT NULL,
	`views` integer NOT NULL,
	`engaged_ms` integer NOT NULL,
	`downloads` integer NOT NULL,
	`cart_adds` integer NOT NULL,
	`cart_value` integer NOT NULL,
	`visitors` blob,
	PRIMARY KEY(`site`, `quarter`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `refusals` (
	`day` integer NOT NULL,
	`site` text NOT NULL,
	`reason` text NOT NULL,
	`n` integer NOT NULL,
	PRIMARY KEY(`day`, `site`, `reason`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `rules` (
	`site` integer NOT NULL,
	`version` integer NOT NULL,
	`document` text NOT NULL,
	`applied_at` integer NOT NULL,
	`by` text NOT NULL,
	PRIMARY KEY(`site`, `version`)
);
--> statement-breakpoint
CREATE TABLE `seen_content` (
	`contact` integer NOT NULL,
	`path` integer NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`contact`, `path`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `settings` (
	`name` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `sites` (
	`no` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`consent` text NOT NULL,
	`hosts` text NOT NULL,
	`pieces` text NOT NULL,
	`rules_version` integer NOT NULL,
	`time_zone` text NOT NULL,
	`retention` integer,
	`kept_from` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sites_id_unique` ON `sites` (`id`);--> statement-breakpoint
CREATE TABLE `slice_visitors` (
	`site` integer NOT NULL,
	`dimension` integer NOT NULL,
	`day` integer NOT NULL,
	`value` integer NOT NULL,
	`visitors` blob NOT NULL,
	PRIMARY KEY(`site`, `dimension`, `day`, `value`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `slices` (
	`site` integer NOT NULL,
	`dimension` integer NOT NULL,
	`day` integer NOT NULL,
	`value` integer NOT NULL,
	`visits` integer NOT NULL,
	`bounces` integer NOT NULL,
	`views` integer NOT NULL,
	`engaged_ms` integer NOT NULL,
	`downloads` integer NOT NULL,
	`cart_adds` integer NOT NULL,
	`cart_value` integer NOT NULL,
	PRIMARY KEY(`site`, `dimension`, `day`, `value`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `staff` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`role` text NOT NULL,
	`hash` text NOT NULL,
	`site` text,
	`created_at` integer NOT NULL,
	`removed_at` integer
);
--> statement-breakpoint
CREATE TABLE `stage_days` (
	`site` integer NOT NULL,
	`day` integer NOT NULL,
	`stage` text NOT NULL,
	`n` integer NOT NULL,
	PRIMARY KEY(`site`, `day`, `stage`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `superseded` (
	`transition` integer PRIMARY KEY NOT NULL,
	`by_transition` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `suppressions` (
	`hash` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `texts` (
	`no` integer PRIMARY KEY NOT NULL,
	`hash` integer NOT NULL,
	`text` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `texts_by_hash` ON `texts` (`hash`);--> statement-breakpoint
CREATE TABLE `titles` (
	`site` integer NOT NULL,
	`path` integer NOT NULL,
	`title` text NOT NULL,
	PRIMARY KEY(`site`, `path`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `transitions` (
	`no` integer PRIMARY KEY NOT NULL,
	`contact` integer NOT NULL,
	`from_stage` text NOT NULL,
	`to_stage` text NOT NULL,
	`effective_at` integer NOT NULL,
	`recorded_at` integer NOT NULL,
	`by` text NOT NULL,
	`why` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `transitions_by_contact` ON `transitions` (`contact`);--> statement-breakpoint
CREATE TABLE `visitors` (
	`no` integer PRIMARY KEY NOT NULL,
	`site` integer NOT NULL,
	`key` text NOT NULL,
	`first_at` integer NOT NULL,
	`last_after` integer NOT NULL,
	`last_lag` integer NOT NULL,
	`last_id_key` integer NOT NULL,
	`max_lag` integer NOT NULL,
	`contact` integer,
	`visit_ago` integer,
	`profile` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `visitors_by_key` ON `visitors` (`site`,`key`);--> statement-breakpoint
CREATE TABLE `visits` (
	`visitor` integer NOT NULL,
	`start_at` integer NOT NULL,
	`span` integer NOT NULL,
	`views` integer NOT NULL,
	`engaged_ms` integer NOT NULL,
	`actions` integer NOT NULL,
	`entry` integer,
	`exit` integer,
	`referrer` integer,
	`query` integer,
	`site` integer NOT NULL,
	PRIMARY KEY(`visitor`, `start_at`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `visits_by_bucket` ON `visits` (`site`,"visitor" & 127,`start_at`);--> statement-breakpoint
CREATE TABLE `webhooks` (
	`id` text PRIMARY KEY NOT NULL,
	`body` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `week_changes` (
	`site` integer NOT NULL,
	`week` integer NOT NULL,
	`n` integer NOT NULL,
	PRIMARY KEY(`site`, `week`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `week_slices` (
	`site` integer NOT NULL,
	`dimension` integer NOT NULL,
	`week` integer NOT NULL,
	`value` integer NOT NULL,
	`visits` integer NOT NULL,
	`bounces` integer NOT NULL,
	`views` integer NOT NULL,
	`engaged_ms` integer NOT NULL,
	`downloads` integer NOT NULL,
	`cart_adds` integer NOT NULL,
	`cart_value` integer NOT NULL,
	PRIMARY KEY(`site`, `dimension`, `week`, `value`)
) WITHOUT ROWID;
