create role provost login password 'canary-password-of-the-database';
